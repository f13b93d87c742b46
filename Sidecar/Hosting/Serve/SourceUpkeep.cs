using BackupSidecar.Backup;
using BackupSidecar.Compaction;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Policies;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>What is done for the stored backups of a source beside capturing: ends deleted ones, compacts, measures. One at a time.</summary>
/// <param name="stored">Told what is stored of a source afterwards.</param>
internal sealed class SourceUpkeep(
    BackupRepository repository, BackupKeeping backups, string stateDirectory, CompactionSettings settings, int openFilesMax, Action<string, StoredAmount> stored, ILogger log, TimeProvider time)
{
    /// <summary>A merge keeps each pack that it reads open. Followers, of which each holds a handful of files, get the rest.</summary>
    private const int ShareOfOpenFiles = 4;

    private static readonly TimeSpan RemovalEvery = TimeSpan.FromHours(1);

    /// <summary>A restore over a line takes hours where one from a disk takes minutes.</summary>
    private static readonly TimeSpan RemoteGraceMin = TimeSpan.FromDays(1);

    /// <summary>Each remembers what it has proved of its source.</summary>
    private readonly Dictionary<string, CompactionRun> _runs = new(StringComparer.Ordinal);

    public async ValueTask<UpkeepNext> RunAsync(string sourceName, CancellationToken ct)
    {
        var began = time.GetUtcNow();
        if (!(await repository.ListSourceNamesAsync(ct)).Contains(sourceName))
        {
            // Nothing was ever stored of it.
            return new UpkeepNext(null, began);
        }

        var source = await repository.FindSourceAsync(sourceName, ct);
        var (ended, next) = await backups.SweepAsync(source, ct);
        if (ended > 0)
        {
            HostingLog.BackupsEnded(log, sourceName, ended);
        }

        var catalog = await repository.ReadCatalogAsync(source, ct);
        if (settings.Enabled)
        {
            var compacted = await CompactAsync(source, catalog, ct);
            next = next is null || compacted < next ? compacted ?? next : next;
        }

        stored(sourceName, new StoredAmount(catalog.Packs.Sum(pack => pack.Length), catalog.Packs.Count, catalog.LastingManifests().Count(), catalog.RestorePoints().Count(), time.GetUtcNow()));
        return new UpkeepNext(next, next is null || !settings.Enabled ? began : EndOfSpan(began));
    }

    /// <summary>Of the finest level: before it, nothing can be merged that was captured since.</summary>
    private DateTimeOffset EndOfSpan(DateTimeOffset now)
    {
        var span = settings.Levels[0].Span.Ticks;
        return new DateTimeOffset(((now.UtcTicks / span) + 1) * span, TimeSpan.Zero);
    }

    /// <param name="source">Of the catalog.</param>
    /// <param name="catalog">Follows what is done.</param>
    /// <param name="ct">Ends it.</param>
    private async ValueTask<DateTimeOffset?> CompactAsync(SourceRecord source, SourceCatalog catalog, CancellationToken ct)
    {
        if (!_runs.TryGetValue(source.Name, out var run))
        {
            _runs[source.Name] = run = new CompactionRun(repository, OptionsOf(settings, openFilesMax, () => CreateSpool(source.Id)), time);
        }

        var result = await run.ExecuteAsync(catalog, static _ => { }, ct);
        foreach (var doubt in result.Doubts)
        {
            HostingLog.CompactionDoubt(log, source.Name, doubt.Message, doubt.Hint);
        }

        if (result.Merges > 0 || result.PacksDeleted > 0)
        {
            HostingLog.Compacted(log, source.Name, result.PacksMerged, result.Merges, result.BytesWritten, result.PacksDeleted);
        }

        return result.Next;
    }

    public static CompactionOptions OptionsOf(CompactionSettings settings, int openFilesMax, Func<Stream> createSpool) =>
        new() { Policy = PolicyOf(settings, openFilesMax), Grace = settings.Grace, CreateSpool = createSpool };

    /// <summary>Of a repository beside the local one, where a removal costs a handful of requests, however much goes.</summary>
    public static CompactionOptions OptionsOfRemote(CompactionSettings settings, int openFilesMax, Func<Stream> createSpool) =>
        OptionsOf(settings, openFilesMax, createSpool) with { TombstoneEvery = RemovalEvery, Grace = settings.Grace > RemoteGraceMin ? settings.Grace : RemoteGraceMin };

    private static CompactionPolicyOptions PolicyOf(CompactionSettings settings, int openFilesMax)
    {
        var policy = new CompactionPolicyOptions { Window = settings.Window, Levels = settings.Levels, FullAfter = settings.FullAfter };
        return policy with { InputsMax = Math.Clamp(openFilesMax / ShareOfOpenFiles, 2, policy.InputsMax) };
    }

    /// <summary>Beside the local state of the source, whose directory exists since it was followed.</summary>
    private SpoolFile CreateSpool(SourceId source) => SpoolFile.Create(Path.Join(stateDirectory, repository.Id.ToString(), $"{source}.merge"));
}
