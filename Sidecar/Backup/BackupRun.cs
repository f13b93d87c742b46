using System.Reflection;
using BackupSidecar.Capture;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Backup;

/// <summary>One backup: live database → published manifest. Start reading here.</summary>
/// <remarks>
/// (1) Find the source, check its claim       Repository
/// (2) Capture and put the position           <see cref="PositionRun"/>
/// (3) Publish the manifest                   Repository   ◄ the backup exists from here on
/// A crash before (3) leaves a pack without a manifest, which is whole and self-describing: the next backup starts from it.
/// </remarks>
internal sealed class BackupRun(BackupRepository repository, BackupOptions options, TimeProvider time, IProgress<ProgressReport>? progress)
{
    public async ValueTask<BackupResult> ExecuteAsync(CancellationToken ct)
    {
        var started = time.GetTimestamp();

        // (1)
        var file = SourceFile.Resolve(options.DatabasePath);
        SourceDatabase.EnsureIsDatabase(file);
        var source = await SourceClaim.RegisterAsync(repository, options, file, ct);
        var catalog = await repository.ReadCatalogAsync(source, ct);
        List<OperatorException> doubts = [];
        var previous = await PreviousBackup.ReadAsync(repository, catalog, doubts, ct);
        SourceClaim.Ensure(source, previous, file, isNamed: options.SourceName is not null);
        var state = StateDirectory.Open(options.StateDirectory, file.Path, repository.Id, source.Id);

        // (2)
        var stored = await new PositionRun(repository, options, time, progress).ExecuteAsync(catalog, state, lostCommits: null, ct);

        // (3)
        var manifest = Describe(stored.Capture, previous, file, time.GetElapsedTime(started));
        _ = await repository.PublishManifestAsync(manifest, ct);

        List<string> warnings = [.. file.Warnings(), .. stored.Warnings];
        return new BackupResult(manifest, stored.NewTimelineReason, stored.Capture.Image.Facts.Reading, warnings, [.. doubts, .. stored.Doubts]);
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
