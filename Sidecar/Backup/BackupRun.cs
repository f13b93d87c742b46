using System.Reflection;
using BackupSidecar.Capture;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Backup;

/// <summary>One backup: live database → published manifest. Start reading here.</summary>
/// <remarks>
/// (1) Find source and baseline               Repository, Capture
/// (2) Pin the position                       Source
/// (3) Capture the changed pages into a pack  Capture, Pack
/// (4) Let go of the database, put the pack   Repository
/// (5) Publish the manifest                   Repository   ◄ the backup exists from here on
/// (6) Keep the page hashes                   Capture
/// A crash before (4) leaves a temporary file, which the next writer removes; before (5) a pack without a manifest, which is whole and
/// self-describing: the next backup starts from it. A crash before (6) costs the next backup a look at the page indexes.
/// </remarks>
internal sealed class BackupRun(BackupRepository repository, BackupOptions options, TimeProvider time, IProgress<ProgressReport>? progress)
{
    /// <summary>The last attempt keeps the shared lock of a rollback-journal database; of the others, each starts over when the app commits.</summary>
    private const int AttemptsMax = 4;

    public async ValueTask<BackupResult> ExecuteAsync(CancellationToken ct)
    {
        var started = time.GetTimestamp();

        // (1)
        var file = SourceFile.Resolve(options.DatabasePath);
        SourceDatabase.EnsureIsDatabase(file);
        var source = await repository.RegisterSourceAsync(options.SourceName ?? SourceName.FromFile(file.Path), ct);
        var catalog = await repository.ReadCatalogAsync(source, ct);
        List<OperatorException> doubts = [];
        var previous = await ReadPreviousAsync(catalog, doubts, ct);
        SourceClaim.Ensure(previous?.Source, file, isNamed: options.SourceName is not null);
        var state = StateDirectory.Open(options.StateDirectory, file.Path, repository.Id, source.Id);
        var baselines = new BaselineReader(repository, catalog, state);
        using var baseline = await baselines.ReadAsync(ct);

        // (2), (3)
        var next = (catalog.NewestListed?.Transaction ?? TransactionId.None).Next();
        await using var capture = await CaptureAsync(new CapturePlan(source, baseline, next, state), ct);

        // (4)
        capture.Image.Dispose();
        if (capture.IsChanged)
        {
            progress?.Report(new ProgressReport("put the pack", 0, 0));
            await capture.Upload.PublishAsync(ct);
        }

        // (5)
        var manifest = Describe(capture, previous, file, time.GetElapsedTime(started));
        _ = await repository.PublishManifestAsync(manifest, ct);

        // (6)
        List<string> warnings = [.. file.Warnings(), .. capture.KeepHashes(repository.Id)];
        return new BackupResult(
            manifest,
            capture.IsChanged && baseline is not null ? capture.NewTimelineReason : null,
            capture.Image.Facts.Reading,
            warnings,
            [.. doubts, .. baselines.Doubts]);
    }

    /// <summary>The newest backup that can be read. A damaged manifest takes its own backup with it, not the next ones.</summary>
    private async ValueTask<BackupManifest?> ReadPreviousAsync(SourceCatalog catalog, List<OperatorException> doubts, CancellationToken ct)
    {
        foreach (var entry in catalog.Manifests.Reverse())
        {
            try
            {
                return await repository.ReadManifestAsync(entry, ct);
            }
            catch (OperatorException e) when (e.Kind is FailureKind.VerificationFailed or FailureKind.Failed)
            {
                doubts.Add(e);
            }
        }

        return null;
    }

    private async ValueTask<ChangesetCapture> CaptureAsync(CapturePlan plan, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var file = SourceFile.Resolve(options.DatabasePath);
            try
            {
                return await ChangesetCapture.RunAsync(repository, plan, file, hold: attempt == AttemptsMax, options, time, progress, ct);
            }
            catch (ImageChangedException e) when (attempt < AttemptsMax)
            {
                progress?.Report(new ProgressReport($"start over: {e.Message}", 0, 0));
            }
            catch (ImageChangedException e)
            {
                throw SourceErrors.KeptChanging(options.DatabasePath, AttemptsMax, e.Message);
            }
        }
    }

    private BackupManifest Describe(ChangesetCapture capture, BackupManifest? previous, SourceFile file, TimeSpan duration)
    {
        var facts = capture.Image.Facts;
        return new BackupManifest
        {
            RepositoryId = repository.Id,
            BackupId = BackupId.New(),
            Source = new ManifestSource(capture.Plan.Source.Id, capture.Plan.Source.Name, file.Path, Environment.MachineName),
            Position = capture.Position,
            Parent = ParentOf(capture, previous),
            CreatedAt = capture.PinnedAt,
            Shape = facts.Shape,
            Fingerprint = capture.Fingerprint,
            Changed = capture.IsChanged,
            Pack = capture.Pack,
            Labels = options.Labels,
            Database = new DatabaseFacts(facts.IsWal ? "wal" : "delete", (int)facts.SqliteVersionNumber, capture.Plan.Baseline is null ? "full" : "page hashes"),
            Stats = new BackupStats(
                facts.Shape.PageCount,
                capture.PagesStored,
                capture.IsChanged ? capture.Pack.Bytes : 0,
                (long)duration.TotalMilliseconds,
                (long)capture.Held.TotalMilliseconds),
            ProgramVersion = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "unknown",
        };
    }

    /// <summary>The position that the timeline of this backup started from, or null for the first one of a source.</summary>
    private static Position? ParentOf(ChangesetCapture capture, BackupManifest? previous)
    {
        var timeline = capture.Position.Timeline;
        if (previous?.Position.Timeline == timeline)
        {
            return previous.Parent;
        }

        // The timeline may have been begun by a run that was killed before its manifest: then its packs know where.
        var start = capture.IsChanged ? capture.Upload.Name.From : capture.Position;
        foreach (var pack in capture.Plan.Baseline?.Chain.NewestFirst ?? [])
        {
            if (start.Timeline != timeline)
            {
                break;
            }

            start = pack.Name.From;
        }

        return start.IsNone ? previous?.Position : start;
    }
}
