using System.Diagnostics.Metrics;
using BackupSidecar.Api;
using BackupSidecar.Following;
using BackupSidecar.Ledger;

namespace BackupSidecar.Hosting.Service;

/// <summary>The status as metrics: docs/service.md lists them. They are read when somebody collects them.</summary>
internal sealed class ServeMetrics : IDisposable
{
    public const string MeterName = "BackupSidecar";

    private const string SourceTag = "source";

    /// <summary>A collection asks for one metric after the other.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    private readonly Meter _meter = new(MeterName);
    private readonly Lock _gate = new();
    private readonly Func<ServeStatus> _status;
    private readonly bool _names;
    private readonly TimeProvider _time;
    private ServeStatus? _seen;
    private long _seenAt;

    /// <param name="status">Cheap; asked once for all metrics of a collection.</param>
    /// <param name="names">Each source has its own series; false: sums and extremes over all.</param>
    /// <param name="time">The clock.</param>
    public ServeMetrics(Func<ServeStatus> status, bool names, TimeProvider time)
    {
        _status = status;
        _names = names;
        _time = time;
        _ = _meter.CreateObservableGauge("backupsidecar.sources", Protections, "{source}", "Sources by their protection.");
        Source("backupsidecar.lag", "s", "How long the oldest commit has waited that is not stored.", source => source.LagSeconds, Enumerable.Max);
        Source("backupsidecar.lag.commits", "{commit}", "Commits that are known of and not stored.", source => source.LagCommits, Enumerable.Sum);
        Source("backupsidecar.database.size", "By", "Length of the database.", source => source.DatabaseBytes, Enumerable.Sum);
        Source("backupsidecar.stored.size", "By", "Of the packs in the repository.", source => source.Stored?.Bytes, Enumerable.Sum);
        Source("backupsidecar.restore_points", "{point}", "Positions and backups that can be asked for.", source => source.Stored?.RestorePoints, Enumerable.Sum);
        Source("backupsidecar.capture.age", "s", "Since the last capture.", source => Age(source.LastCaptureAt), Enumerable.Max);
        Source("backupsidecar.proved_restore.age", "s", "Since a restore was last proved to work.", source => Age(source.Runs.LastProved?.At), Enumerable.Max);
        Source("backupsidecar.proved_restore.duration", "s", "What that restore took.", source => source.Runs.LastProved?.Milliseconds / 1000.0, Enumerable.Max);
        _ = _meter.CreateObservableGauge("backupsidecar.remote.lag", RemoteLags, "s", "How long the oldest capture has waited that a repository beside the local one lacks.");
        _ = _meter.CreateObservableCounter("backupsidecar.captures", Captures, "{capture}", "Captures by the way that was proved.");
        _ = _meter.CreateObservableCounter("backupsidecar.runs", Runs, "{run}", "Backups that were kept and drills, by how they ended.");
        _ = _meter.CreateObservableGauge("backupsidecar.disk.free", () => Now.Disks.Select(disk => new Measurement<long>(disk.FreeBytes, Tag("use", disk.Use))), "By", "Free on a volume that backups depend on.");
        _ = _meter.CreateObservableGauge("backupsidecar.disk.size", () => Now.Disks.Select(disk => new Measurement<long>(disk.TotalBytes, Tag("use", disk.Use))), "By", "Of such a volume.");
        _ = _meter.CreateObservableGauge(
            "backupsidecar.disk.time_to_full",
            () => Now.Disks.Where(disk => disk.FullAt is not null).Select(disk => new Measurement<double>((disk.FullAt!.Value - _time.GetUtcNow()).TotalSeconds, Tag("use", disk.Use))),
            "s",
            "Until such a volume is full, if it goes on filling.");
    }

    public void Dispose() => _meter.Dispose();

    private ServeStatus Now
    {
        get
        {
            lock (_gate)
            {
                if (_seen is null || _time.GetElapsedTime(_seenAt) > Fresh)
                {
                    (_seen, _seenAt) = (_status(), _time.GetTimestamp());
                }

                return _seen;
            }
        }
    }

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);

    private double? Age(DateTimeOffset? at) => at is { } then ? (_time.GetUtcNow() - then).TotalSeconds : null;

    /// <summary>A gauge of what is known of each source.</summary>
    private void Source(string name, string unit, string description, Func<SourceStatus, double?> value, Func<IEnumerable<double>, double> all) =>
        _ = _meter.CreateObservableGauge(
            name,
            () =>
            {
                var known = Now.Sources.Select(source => (source.Name, Value: value(source))).Where(source => source.Value is not null).Select(source => (source.Name, Value: source.Value!.Value)).ToList();
                return _names ? known.Select(source => new Measurement<double>(source.Value, Tag(SourceTag, source.Name)))
                    : known.Count == 0 ? [] : [new Measurement<double>(all(known.Select(source => source.Value)))];
            },
            unit,
            description);

    private IEnumerable<Measurement<int>> Protections()
    {
        (ProtectionLevel Level, string Text)[] levels = [(ProtectionLevel.Safe, "safe"), (ProtectionLevel.AtRisk, "at_risk"), (ProtectionLevel.Unsafe, "unsafe")];
        return _names
            ? Now.Sources.SelectMany(source => levels.Select(level => new Measurement<int>(source.Protection?.Level == level.Level ? 1 : 0, Tag("protection", level.Text), Tag(SourceTag, source.Name))))
            : levels.Select(level => new Measurement<int>(Now.Sources.Count(source => source.Protection?.Level == level.Level), Tag("protection", level.Text)));
    }

    /// <summary>The names of repositories are tags where those of sources are; otherwise it is the longest of all.</summary>
    private IEnumerable<Measurement<double>> RemoteLags()
    {
        var lags = Now.Sources.SelectMany(source => source.Remotes.Where(remote => remote.LagSeconds is not null).Select(remote => (Source: source.Name, Remote: remote.Name, Lag: remote.LagSeconds!.Value))).ToList();
        return _names ? lags.Select(lag => new Measurement<double>(lag.Lag, Tag("remote", lag.Remote), Tag(SourceTag, lag.Source)))
            : lags.Count == 0 ? [] : [new Measurement<double>(lags.Max(lag => lag.Lag))];
    }

    private IEnumerable<Measurement<long>> Captures() => Counted(source =>
    [
        ("wal", source.Captures.Wal), ("old_tail", source.Captures.OldTail), ("page_hashes", source.Captures.PageHashes), ("full", source.Captures.Full),
    ]).Select(count => new Measurement<long>(count.Count, [Tag("method", count.Key), .. count.Source]));

    private IEnumerable<Measurement<long>> Runs() => Counted(source =>
    [
        ("backup succeeded", source.Runs.Backups.Succeeded), ("backup failed", source.Runs.Backups.Failed), ("drill succeeded", source.Runs.Drills.Succeeded), ("drill failed", source.Runs.Drills.Failed),
    ]).Select(count => new Measurement<long>(count.Count, [Tag("kind", count.Key.Split(' ')[0]), Tag("outcome", count.Key.Split(' ')[1]), .. count.Source]));

    private IEnumerable<(string Key, long Count, KeyValuePair<string, object?>[] Source)> Counted(Func<SourceStatus, (string Key, long Count)[]> counts) => _names
        ? Now.Sources.SelectMany(source => counts(source).Select(count => (count.Key, count.Count, (KeyValuePair<string, object?>[])[Tag(SourceTag, source.Name)])))
        : Now.Sources.SelectMany(counts).GroupBy(count => count.Key).Select(group => (group.Key, group.Sum(count => count.Count), (KeyValuePair<string, object?>[])[]));
}
