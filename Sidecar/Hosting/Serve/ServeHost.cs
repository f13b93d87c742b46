using BackupSidecar.Api;
using BackupSidecar.Following;
using BackupSidecar.Following.Waking;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Ledger;
using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Verify;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>The process that follows: many sources, one repository. Start reading the room here.</summary>
/// <remarks>
/// (1) Own the state directory, answer calls                                 <see cref="StateOwnership"/>, <see cref="ServiceHost"/>
/// (2) Resolve the configured sources to databases, start a follower each    <see cref="SourceDiscovery"/>, <see cref="SourceSet"/>
/// (3) Until a signal: look for new databases, take over a changed configuration, compact
/// (4) The end: every source goes on until no app is attached or the time is up, then captures once more, all at the same time
/// </remarks>
internal sealed class ServeHost : IServedSidecar
{
    /// <summary>How often the configuration file is looked at. A look is one stat.</summary>
    private static readonly TimeSpan ConfigurationLook = TimeSpan.FromSeconds(5);

    private readonly ServeSettings _settings;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SourceDiscovery _discovery = new();
    private readonly SourceSet _sources;
    private readonly LifecycleSet _lifecycles;
    private readonly TaskCompletionSource _resolved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UpkeepLoop _upkeep;
    private readonly ScheduleLoop _schedule;
    private readonly DiskGauge _disks;
    private readonly PausedSources _paused;
    private readonly RunLedger _ledger;
    private readonly ServeRuns _runs;
    private readonly IReadOnlyList<RemoteFeed> _feeds;
    private readonly WakeSignal _woken = new();
    private readonly DateTimeOffset _startedAt;
    private readonly Lock _resolving = new();
    private SidecarOptions _options;
    private string _effective;
    private IReadOnlyList<SourceDefinition> _definitions = [];
    private IReadOnlyList<string> _problems = [];
    private bool _reloadAsked;
    private bool _isEnding;

    public ServeHost(ServeSettings settings, Random random, ILogger log, TimeProvider time)
    {
        _settings = settings;
        _options = settings.Configuration.Options;
        _effective = settings.Configuration.EffectiveText();
        _log = log;
        _time = time;
        _startedAt = time.GetUtcNow();
        _sources = new SourceSet(settings.CreateFollower, random, log, time);
        _feeds = [.. settings.Remotes.Select(remote => new RemoteFeed(remote, settings.Repository, () => _sources.Statuses, random, log, time))];
        Origins = new RestoreOrigins([new RestoreOrigin("local", _ => ValueTask.FromResult(settings.Repository)), .. _feeds.Select(feed => feed.Origin)]);
        _lifecycles = new LifecycleSet((definition, database) => settings.CreateLifecycle(definition, database, Origins), name => new FollowedDatabase(name, _sources, async (status, label, ct) => await KeepNewestAsync(status, [label], ct)));
        _upkeep = new UpkeepLoop(settings.Upkeep, _sources, log, time);
        _disks = new DiskGauge(time);
        _paused = new PausedSources(settings.StateDirectory, time);
        _ledger = new RunLedger(Path.Join(settings.StateDirectory, "runs.json"), problem => HostingLog.RecordUnusable(log, problem.Message, problem.Hint), time);
        _runs = new ServeRuns(settings, _sources, _ledger, log, time);
        _schedule = new ScheduleLoop(() => Volatile.Read(ref _definitions), _ledger, _runs.RunScheduledAsync, log, time);
    }

    public ServeStatus Status
    {
        get
        {
            var now = _time.GetUtcNow();
            var sources = _sources.Statuses.Select(status => status with
            {
                NextCompactionAt = _upkeep.NextOf(status.Name),
                Stored = _settings.Stored.Of(status.Name),
                Runs = _ledger.Of(status.Name),
                NextRuns = _schedule.NextOf(status.Name),
                Restore = RestoreOf(status.Name),
                Remotes = [.. _feeds.Select(feed => feed.Of(status.Name))],
            }).Select(status => status with { Protection = Protection.Worst([.. UnreadableOf(status.Name), Protection.Of(status, now), Protection.Of(_settings.Damage.Of(status.Name))]) }).ToList();
            IReadOnlyList<string> problems = [.. Volatile.Read(ref _problems), .. sources.SelectMany(status => UnreadableOf(status.Name), (status, doubt) => $"{status.Name}: {doubt.Reasons[0]} {doubt.NextStep}")];
            return ServeStatus.Of(_settings.Version, _startedAt, _settings.RepositoryLocation, sources, problems, _disks.Disks, now) with { IsEnding = IsEnding, IsResolved = IsResolved };
        }
    }

    public bool IsEnding => Volatile.Read(ref _isEnding);

    public Task<CaptureRequestOutcome?> CaptureNowAsync(string source, CancellationToken ct) => _sources.CaptureNowAsync(source, ct);

    public void EnsureSound(string source) => _settings.Damage.EnsureSound(source);

    public IRepositoryReader Repository => _settings.Repository;

    public RestoreOrigins Origins { get; }

    public BackupKeeping Backups => _settings.Backups;

    public (string Json, string? Path) Configuration => (Volatile.Read(ref _effective), _settings.ConfigurationPath);

    public async ValueTask<BackupManifest> KeepNewestAsync(SourceStatus source, IReadOnlyList<string> labels, CancellationToken ct)
    {
        var kept = await _runs.KeepNewestAsync(source, labels, ct);
        AskFeeds(source.Name);
        return kept;
    }

    public async Task<bool> SyncedAsync(string source, CancellationToken ct)
    {
        if (_feeds.Count == 0)
        {
            return false;
        }

        // The others go on without anybody who waits.
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await await Task.WhenAny(_feeds.Select(feed => feed.SyncedAsync(source, enough.Token)));
        await enough.CancelAsync();
        return true;
    }

    public ValueTask<VerifyResult> VerifyAsync(string? source, VerifyLevel level, IProgress<ProgressReport> progress, CancellationToken ct) => _runs.VerifyAsync(source, level, progress, ct);

    /// <summary>Without its journal of restores, every start of its app is refused.</summary>
    private IEnumerable<Protection> UnreadableOf(string source) => _lifecycles.Find(source)?.Unreadable is { } e
        ? [new Protection(ProtectionLevel.AtRisk, [$"Every start of its app is refused: {e.Message}"], $"{e.Hint} Then 'backup-sidecar restores show' reads it again.")]
        : [];

    private RestoreUnderWay? RestoreOf(string source) => _lifecycles.Find(source)?.Known is [{ HasEnded: false } restore, ..]
        ? new RestoreUnderWay(restore.Id, RestoreStateText.Of(restore.State), restore.PositionText, restore.State == RestoreState.Unconfirmed ? restore.ConfirmBy : restore.State == RestoreState.Staged ? restore.RestartBy : null)
        : null;

    /// <summary>At once, and again as often as the gauge wants.</summary>
    private async Task LookAtDisksAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(DiskGauge.Every, _time);
        try
        {
            do
            {
                var databases = Volatile.Read(ref _definitions).Select(definition => (Path.GetDirectoryName(definition.Path)!, "database"));
                LookAtDisks([(_settings.RepositoryDirectory, "repository"), (_settings.StateDirectory, "state"), .. databases]);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end.
        }
    }

    private void LookAtDisks(IEnumerable<(string Path, string Use)> directories)
    {
        try
        {
            _disks.Look(directories);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            HostingLog.RecordUnusable(_log, $"The disks cannot be looked at: {e.Message}", "It is tried again in five minutes.");
        }
    }

    public void Tidy(string source)
    {
        _upkeep.Ask(source);
        AskFeeds(source);
    }

    private void AskFeeds(string source)
    {
        foreach (var feed in _feeds)
        {
            feed.Ask(source);
        }
    }

    public DateTimeOffset Pause(string source)
    {
        RequireNotEnding();
        var since = _paused.Pause(source);
        Resolve();
        return since;
    }

    public bool Resume(string source)
    {
        RequireNotEnding();
        _paused.Resume(source);
        Resolve();
        return _sources.Statuses.FirstOrDefault(status => status.Name == source) is not { State: SourceState.Paused };
    }

    private void RequireNotEnding()
    {
        if (IsEnding)
        {
            throw new LifecycleException(LifecycleRefusal.Ending, "The sidecar is ending.", "Call again when it has started anew.");
        }
    }

    public bool IsResolved => _resolved.Task.IsCompleted;

    public Task ResolvedAsync(CancellationToken ct) => _resolved.Task.WaitAsync(ct);

    public SourceLifecycle? FindLifecycle(string source) => _lifecycles.Find(source);

    /// <summary>Reads the configuration again, soon. From any thread.</summary>
    public void RequestReload()
    {
        Volatile.Write(ref _reloadAsked, true);
        _woken.Set();
    }

    /// <returns>The names of the sources whose commits after the final capture were possible.</returns>
    /// <exception cref="OperatorException">Another serve uses the state directory.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken stop)
    {
        // (1)
        await using var owned = StateOwnership.Take(_settings.StateDirectory);
        try
        {
            return await ServeAsync(stop);
        }
        finally
        {
            await _lifecycles.EndAsync();
            foreach (var feed in _feeds)
            {
                await feed.DisposeAsync();
            }
        }
    }

    private async Task<IReadOnlyList<string>> ServeAsync(CancellationToken stop)
    {
        await using var service = await ServiceHost.StartAsync(_settings.Service, this, _log, _time, stop);

        // (2)
        Resolve();
        _ = _resolved.TrySetResult();
        var started = _sources.Statuses.Count;
        HostingLog.Started(_log, started, _settings.RepositoryLocation, _settings.StateDirectory);

        // (3)
        var background = Task.WhenAll([_upkeep.RunAsync(stop), _schedule.RunAsync(stop), LookAtDisksAsync(stop), .. _feeds.Select(feed => feed.RunAsync(stop))]);
        await KeepUpAsync(stop);

        // (4)
        Volatile.Write(ref _isEnding, true);
        var (deadline, reserve) = (_options.Shutdown.Deadline, _options.Shutdown.Reserve);
        var patience = DurationText.Of(deadline - reserve);
        HostingLog.Ending(_log, patience);
        using var late = new CancellationTokenSource(deadline, _time);
        var doubtful = await _sources.StopAsync(deadline - reserve, deadline);
        await background.WaitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_feeds.Select(feed => FinishAsync(feed, hasTime: background.IsCompleted, late.Token)));

        if (doubtful.Count == 0)
        {
            HostingLog.Ended(_log);
        }
        else
        {
            var names = string.Join(", ", doubtful);
            HostingLog.EndedWithDoubts(_log, names);
        }

        return doubtful;
    }

    private async Task FinishAsync(RemoteFeed feed, bool hasTime, CancellationToken late)
    {
        if ((hasTime ? await feed.FinishAsync(late) : feed.Behind()) is { Count: > 0 } behind)
        {
            var names = string.Join(", ", behind);
            HostingLog.RemoteBehindAtEnd(_log, feed.Name, names);
        }
    }

    private async Task KeepUpAsync(CancellationToken stop)
    {
        var stamp = _settings.Configuration.Stamp;
        while (!stop.IsCancellationRequested)
        {
            await WaitAsync(stop);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            var now = _settings.ConfigurationPath is { } path ? FileStamp.Of(path) : default;
            if (Interlocked.Exchange(ref _reloadAsked, false) || now != stamp)
            {
                stamp = now;
                Reload();
            }

            Resolve();
        }
    }

    /// <summary>Until the next look is due, or somebody asks for one. A serve with neither file nor directories sleeps.</summary>
    private async Task WaitAsync(CancellationToken stop)
    {
        var looks = _options.Sources.Where(source => source.Directory is not null).Select(source => source.Rescan);
        looks = _settings.ConfigurationPath is null ? looks : looks.Append(ConfigurationLook);
        try
        {
            _ = await _woken.WaitAsync(looks.DefaultIfEmpty(Timeout.InfiniteTimeSpan).Min(), _time, stop);
        }
        catch (OperationCanceledException)
        {
            // The end, which the caller looks for.
        }
    }

    /// <summary>One at a time: a call may pause a source while the configuration is read again.</summary>
    private void Resolve()
    {
        lock (_resolving)
        {
            Resolve_NeedsLock();
        }
    }

    private void Resolve_NeedsLock()
    {
        var problems = new List<string>();
        var definitions = _discovery.Resolve(_options.Sources, problems.Add).Select(definition => definition with { PausedAt = PausedAt(definition.Name, problems) }).ToList();
        Volatile.Write(ref _definitions, definitions);
        _sources.Apply(definitions);
        _lifecycles.Apply(definitions, problems.Add);
        foreach (var problem in problems.Except(_problems))
        {
            HostingLog.DiscoveryProblem(_log, problem);
        }

        Volatile.Write(ref _problems, problems);
    }

    /// <summary>What cannot be read pauses nothing: too much is followed rather than too little.</summary>
    private DateTimeOffset? PausedAt(string source, List<string> problems)
    {
        try
        {
            return _paused.SinceOf(source);
        }
        catch (OperatorException e)
        {
            if (!problems.Contains(e.Message))
            {
                problems.Add(e.Message);
            }

            return null;
        }
    }

    private void Reload()
    {
        if (_settings.Reload is not { } reload)
        {
            return;
        }

        try
        {
            var loaded = reload();
            foreach (var problem in loaded.Problems)
            {
                HostingLog.ReloadRefused(_log, problem.ToString());
            }

            if (loaded.Problems.Count == 0)
            {
                Take(loaded.Options);
                Volatile.Write(ref _effective, loaded.EffectiveText());
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever is wrong with a file that was changed a moment ago, what runs goes on.
            HostingLog.ReloadRefused(_log, e.Message);
        }
    }

    /// <summary>Sources and the shutdown change while serve runs; the rest is bound to what is open.</summary>
    private void Take(SidecarOptions next)
    {
        foreach (var (key, isChanged) in ((string, bool)[])
        [
            ("repository.path", next.RepositoryPath != _options.RepositoryPath),
            ("remotes", !next.Remotes.SequenceEqual(_options.Remotes)),
            ("state.path", next.StatePath != _options.StatePath),
            ("compaction", next.Compaction != _options.Compaction),
            ("backups", next.Backups != _options.Backups),
            ("restore", next.Restore != _options.Restore),
            ("log", next.Log != _options.Log),
            ("service", next.Service != _options.Service),
        ])
        {
            if (isChanged)
            {
                HostingLog.ChangeIgnored(_log, key);
            }
        }

        _options = _options with { Sources = next.Sources, Shutdown = next.Shutdown };
        HostingLog.Reloaded(_log);
    }
}
