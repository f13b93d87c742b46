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
    private const string RepositoryTag = "repository";

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
        Remote("backupsidecar.remote.lag", "s", "How long the oldest capture has waited that a repository beside the local one lacks.", remote => remote.LagSeconds, Enumerable.Max);
        Remote("backupsidecar.remote.last_sync.timestamp", "s", "When a repository beside the local one was last found or made to hold everything that was captured, in seconds since 1970.", remote => Timestamp(remote.LastSyncAt), Enumerable.Min);
        _ = _meter.CreateObservableCounter("backupsidecar.remote.sent", RemoteBytes, "By", "Of the packs that were put into repositories beside the local one.");
        _ = _meter.CreateObservableCounter("backupsidecar.remote.requests", RemoteRequests, "{request}", "Requests to a repository that is reached with a credential, by what they asked for and how they ended.");
        Account("backupsidecar.remote.requests.today", "{request}", "Since midnight UTC.", account => account.RequestsToday, Enumerable.Sum);
        Account("backupsidecar.remote.requests.limit", "{request}", "Requests that a day (UTC) may have.", account => account.RequestsPerDay, Enumerable.Sum);
        Account("backupsidecar.remote.units", "{unit}", "What requests of the last minute have cost.", account => account.UnitsInLastMinute, Enumerable.Sum);
        Account("backupsidecar.remote.units.limit", "{unit}", "What requests of a minute may cost.", account => account.UnitsPerMinute, Enumerable.Sum);
        Account("backupsidecar.remote.credential_dead", null, "1: the credential is worth nothing any more, and nothing goes there.", account => account.Death is null ? 0 : 1, Enumerable.Max);
        Account("backupsidecar.remote.token_expiry.timestamp", "s", "When the access token in use expires, in seconds since 1970; it is renewed by itself.", account => Timestamp(account.TokenExpiresAt), Enumerable.Min);
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

    /// <summary>True if it is one of these.</summary>
    public bool Has(Instrument instrument) => instrument.Meter == _meter;

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
        _ = _meter.CreateObservableGauge(name, () => Series(Now.Sources.Select(source => (value(source), (KeyValuePair<string, object?>[])[Tag(SourceTag, source.Name)])), all), unit, description);

    private IEnumerable<Measurement<int>> Protections()
    {
        (ProtectionLevel Level, string Text)[] levels = [(ProtectionLevel.Safe, "safe"), (ProtectionLevel.AtRisk, "at_risk"), (ProtectionLevel.Unsafe, "unsafe")];
        return _names
            ? Now.Sources.SelectMany(source => levels.Select(level => new Measurement<int>(source.Protection?.Level == level.Level ? 1 : 0, Tag("protection", level.Text), Tag(SourceTag, source.Name))))
            : levels.Select(level => new Measurement<int>(Now.Sources.Count(source => source.Protection?.Level == level.Level), Tag("protection", level.Text)));
    }

    private IEnumerable<(string Source, RemoteStatus Remote)> Remotes => Now.Sources.SelectMany(source => source.Remotes.Select(remote => (source.Name, remote)));

    /// <summary>Each credential once where names are not shown, and once for each repository where they are.</summary>
    private IEnumerable<(string Repository, RemoteAccount Account)> Accounts => Remotes
        .Where(one => one.Remote.Account is not null)
        .Select(one => (Repository: one.Remote.Name, Account: one.Remote.Account!))
        .DistinctBy(one => _names ? (one.Repository, null) : (one.Account.Credential, one.Account.Kind));

    private static double? Timestamp(DateTimeOffset? at) => at is { } then ? (then - DateTimeOffset.UnixEpoch).TotalSeconds : null;

    /// <summary>A gauge of what is known of each source in each repository beside the local one.</summary>
    private void Remote(string name, string unit, string description, Func<RemoteStatus, double?> value, Func<IEnumerable<double>, double> all) => _ = _meter.CreateObservableGauge(
        name, () => Series(Remotes.Select(one => (value(one.Remote), (KeyValuePair<string, object?>[])[Tag(RepositoryTag, one.Remote.Name), Tag(SourceTag, one.Source)])), all), unit, description);

    /// <summary>A gauge of what is known of each credential.</summary>
    private void Account(string name, string? unit, string description, Func<RemoteAccount, double?> value, Func<IEnumerable<double>, double> all) => _ = _meter.CreateObservableGauge(
        name, () => Series(Accounts.Select(one => (value(one.Account), (KeyValuePair<string, object?>[])[Tag(RepositoryTag, one.Repository)])), all), unit, description);

    private IEnumerable<Measurement<double>> Series(IEnumerable<(double? Value, KeyValuePair<string, object?>[] Tags)> values, Func<IEnumerable<double>, double> all)
    {
        var known = values.Where(one => one.Value is not null).Select(one => (Value: one.Value!.Value, one.Tags)).ToList();
        return _names ? known.Select(one => new Measurement<double>(one.Value, one.Tags))
            : known.Count == 0 ? [] : [new Measurement<double>(all(known.Select(one => one.Value)))];
    }

    private IEnumerable<Measurement<long>> RemoteBytes() => _names
        ? Remotes.Select(one => new Measurement<long>(one.Remote.Bytes, Tag(RepositoryTag, one.Remote.Name), Tag(SourceTag, one.Source)))
        : Remotes.Any() ? [new Measurement<long>(Remotes.Sum(one => one.Remote.Bytes))] : [];

    private IEnumerable<Measurement<long>> RemoteRequests() => Accounts
        .SelectMany(one => one.Account.Requests.Select(requests => (Repository: _names ? one.Repository : "", requests.Kind, requests.Result, requests.Count)))
        .GroupBy(one => (one.Repository, one.Kind, one.Result))
        .Select(group => new Measurement<long>(
            group.Sum(one => one.Count),
            [Tag("kind", group.Key.Kind), Tag("result", group.Key.Result), .. _names ? (KeyValuePair<string, object?>[])[Tag(RepositoryTag, group.Key.Repository)] : []]));

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
