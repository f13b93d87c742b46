using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Backup;

/// <summary>Live database → published pack, by page hashes: what a backup does before it writes a manifest, and what following does where the log alone proves nothing.</summary>
/// <remarks>
/// (1) Find the baseline                      Repository, Capture
/// (2) Pin the position                       Source
/// (3) Capture the changed pages into a pack  Capture, Pack
/// (4) Let go of the database, put the pack   Repository   ◄ the position exists from here on
/// (5) Keep the page hashes                   Capture
/// A crash before (4) leaves a temporary file, which the next writer removes. A crash before (5) costs the next run a look at the page indexes.
/// </remarks>
internal sealed class PositionRun(BackupRepository repository, BackupOptions options, TimeProvider time, IProgress<ProgressReport>? progress)
{
    /// <summary>The last attempt keeps the shared lock of a rollback-journal database; of the others, each starts over when the app commits.</summary>
    private const int AttemptsMax = 4;

    /// <summary>The result holds no lock of the database any more.</summary>
    /// <param name="catalog">What the repository holds of the source.</param>
    /// <param name="state">Its local state.</param>
    /// <param name="lostCommits">Null, or what shows that commits which were captured are gone from the database: a new timeline begins.</param>
    /// <param name="ct">Stops between two chunks.</param>
    public ValueTask<StoredPosition> ExecuteAsync(SourceCatalog catalog, StateDirectory state, string? lostCommits, CancellationToken ct) =>
        ExecuteAsync(catalog, state, lostCommits, CaptureAsync, ct);

    /// <summary>The same with an image of the caller's.</summary>
    /// <param name="catalog">As of the other one.</param>
    /// <param name="state">As of the other one.</param>
    /// <param name="lostCommits">As of the other one.</param>
    /// <param name="open">Called once, with the baseline that the changeset will start from; pages of it that have another size are of no use.</param>
    /// <param name="ct">As of the other one.</param>
    /// <exception cref="ImageChangedException">The image is not one state; nothing was put.</exception>
    public ValueTask<StoredPosition> ExecuteAsync(
        SourceCatalog catalog, StateDirectory state, string? lostCommits, Func<PageHashTable?, CancellationToken, ValueTask<IDatabaseImage>> open, CancellationToken ct) =>
        ExecuteAsync(
            catalog,
            state,
            lostCommits,
            async (plan, stop) => await ChangesetCapture.RunAsync(repository, plan, await open(plan.Baseline?.Table, stop), options, time, progress, stop),
            ct);

    private async ValueTask<StoredPosition> ExecuteAsync(
        SourceCatalog catalog, StateDirectory state, string? lostCommits, Func<CapturePlan, CancellationToken, ValueTask<ChangesetCapture>> captureAsync, CancellationToken ct)
    {
        // (1)
        var baselines = new BaselineReader(repository, catalog, state);
        using var baseline = options.FullBecause is null ? await baselines.ReadAsync(ct) : null;

        // (2), (3)
        await using var capture = await captureAsync(new CapturePlan(catalog.Source, baseline, catalog.NextTransaction, state) { LostCommits = lostCommits ?? options.FullBecause }, ct);

        // (4)
        capture.Image.Dispose();
        if (capture.IsChanged)
        {
            progress?.Report(new ProgressReport("put the pack", 0, 0));
            await capture.Upload.PublishAsync(ct);
        }

        // (5)
        List<string> warnings = [.. capture.KeepHashes(repository.Id)];
        return new StoredPosition(capture, warnings, baselines.Doubts);
    }

    private async ValueTask<ChangesetCapture> CaptureAsync(CapturePlan plan, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var file = SourceFile.Resolve(options.DatabasePath);
            try
            {
                return await ChangesetCapture.RunAsync(repository, plan, await OpenAsync(plan, file, hold: attempt == AttemptsMax, ct), options, time, progress, ct);
            }
            catch (ImageChangedException e) when (attempt < AttemptsMax)
            {
                progress?.Report(new ProgressReport($"start over: {e.Message}", 0, 0));
            }
            catch (ImageChangedException e)
            {
                throw SourceErrors.KeptChanging(options.DatabasePath, AttemptsMax, e);
            }
        }
    }

    private async ValueTask<IDatabaseImage> OpenAsync(CapturePlan plan, SourceFile file, bool hold, CancellationToken ct)
    {
        var image = SourceDatabase.OpenImage(file, hold, time);
        if (!options.CopyBeforeCompressing || !image.KeepsAppWaiting)
        {
            return image;
        }

        try
        {
            return await HeldCopy.RunAsync(image, plan.Baseline?.Table, plan.State.PageSpoolPath, options.Workers, time, ct);
        }
        catch (SpoolSpaceException)
        {
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }
}
