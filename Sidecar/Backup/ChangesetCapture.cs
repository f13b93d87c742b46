using BackupSidecar.Capture;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Backup;

/// <summary>One pinned image and the staged pack of what changed in it. Nothing of it is visible until the pack is published.</summary>
internal sealed class ChangesetCapture : IAsyncDisposable
{
    private readonly PageHashTableBuilder _hashes;
    private readonly TimeProvider _time;
    private readonly long _pinnedTimestamp;
    private readonly CapturedFile _file;

    private ChangesetCapture(
        CapturePlan plan, IDatabaseImage image, CapturedFile file, PackUpload upload, PageHashTableBuilder hashes, string? newTimelineReason, TimeProvider time, long pinnedTimestamp)
    {
        Plan = plan;
        Image = image;
        _file = file;
        Upload = upload;
        NewTimelineReason = newTimelineReason;
        _hashes = hashes;
        _time = time;
        _pinnedTimestamp = pinnedTimestamp;
    }

    public CapturePlan Plan { get; }

    public IDatabaseImage Image { get; }

    public PackUpload Upload { get; }

    public string? NewTimelineReason { get; }

    public DateTimeOffset PinnedAt => Upload.Name.CaptureTime;

    /// <summary>The longest time for which the database was held at once: from the pin to the last read, or one window of it.</summary>
    public TimeSpan Held { get; private set; }

    public Fingerprint Fingerprint { get; private set; }

    public uint PagesStored { get; private set; }

    /// <summary>False if the database is byte for byte at the baseline's position.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>The position that the database is at: the new one, or the baseline's if nothing changed.</summary>
    public Position Position => IsChanged ? Upload.Name.To : Plan.Baseline!.Position;

    /// <summary>The pack that leads to <see cref="Position"/>.</summary>
    public ManifestPack Pack { get; private set; } = null!;

    /// <param name="image">Just opened; owned from here on.</param>
    /// <exception cref="ImageChangedException">What was read is not one state; start over.</exception>
    public static async ValueTask<ChangesetCapture> RunAsync(
        BackupRepository repository, CapturePlan plan, IDatabaseImage image, BackupOptions options, TimeProvider time, IProgress<ProgressReport>? progress, CancellationToken ct)
    {
        var pinnedTimestamp = time.GetTimestamp();
        PackUpload? upload = null;
        PageHashTableBuilder? hashes = null;
        try
        {
            // Pages of another size have nothing in common with the baseline's.
            var usable = plan.Baseline is { } b && b.Shape.PageSizeBytes == image.Facts.Shape.PageSizeBytes ? plan.Baseline : null;
            var captured = CapturedFile.Of(image);
            var newTimelineReason = plan.LostCommits ?? NewTimeline.ReasonFor(plan.Baseline, image.Facts.Shape, captured);
            var timeline = newTimelineReason is null ? plan.Baseline!.Position.Timeline : TimelineId.New();
            var name = new PackName(
                plan.Source.Id, usable?.Position ?? Position.None, new Position(timeline, plan.Next), UtcMicroseconds.From(time.GetUtcNow()), PackId.New());
            upload = await repository.StagePackAsync(name, ct);
            hashes = PageHashTableBuilder.Create(plan.State.HashTablePath);
            var capture = new ChangesetCapture(plan with { Baseline = usable }, image, captured, upload, hashes, newTimelineReason, time, pinnedTimestamp);
            await capture.WriteAsync(repository, options, progress, ct);
            return capture;
        }
        catch
        {
            image.Dispose();
            hashes?.Dispose();
            await (upload?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    /// <summary>Makes the hashes of this image the local table.</summary>
    /// <returns>A warning if that fails: the backup exists by now, and only the next one costs more.</returns>
    public IEnumerable<string> KeepHashes(RepositoryId repository)
    {
        try
        {
            _hashes.Commit(new CaptureState(repository, Plan.Source.Id, Position, Pack.Name.Pack, _file, Image.Facts.Cursor), Image.Facts.Shape, Fingerprint);
            return [];
        }
        catch (LocalStateException e)
        {
            return [$"The local state could not be kept, so that the next backup must read the repository's page indexes: {e.Message}"];
        }
    }

    public async ValueTask DisposeAsync()
    {
        Image.Dispose();
        _hashes.Dispose();
        await Upload.DisposeAsync();
    }

    private async ValueTask WriteAsync(BackupRepository repository, BackupOptions options, IProgress<ProgressReport>? progress, CancellationToken ct)
    {
        var shape = Image.Facts.Shape;
        var name = Upload.Name;
        var header = new PackHeader(
            repository.Id,
            name.Source,
            name.Pack,
            name.From,
            name.To,
            name.CaptureTimeMicroseconds,
            Plan.Baseline?.Shape ?? shape with { PageCount = 0 },
            shape,
            options.Compression);

        await using var writer = new PackWriter(Upload.Content, Plan.State.CreateSpool, header, options.Workers);
        Fingerprint = await PageHashCapture.RunAsync(
            Image,
            Plan.Baseline?.Table,
            _hashes,
            options.Workers,
            async chunk =>
            {
                foreach (var run in chunk.Changed)
                {
                    await writer.AddAsync(run.First, chunk.BytesOf(run), chunk.HashesOf(run), ct);
                }

                progress?.Report(new ProgressReport("read the database", (chunk.FirstPage - 1L + chunk.PageCount) * shape.PageSizeBytes, shape.Bytes));
            },
            ct);
        Held = Image.LongestHold ?? _time.GetElapsedTime(_pinnedTimestamp);
        Image.Dispose();

        PagesStored = writer.PageCount;
        IsChanged = Plan.Baseline is not { } baseline || PagesStored > 0 || baseline.Shape != shape;
        if (IsChanged)
        {
            var summary = await writer.CompleteAsync(Plan.Baseline?.Fingerprint ?? Fingerprint.None, Fingerprint, ct);
            Pack = new ManifestPack(name, summary.Length, summary.Digest);
        }
        else
        {
            var chain = Plan.Baseline!.Chain;
            Pack = new ManifestPack(chain.Tip.Name, chain.Tip.Length, Plan.Baseline.TipDigest);
        }
    }
}
