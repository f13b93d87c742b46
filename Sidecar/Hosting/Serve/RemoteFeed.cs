using BackupSidecar.Following;
using BackupSidecar.Following.Waking;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store;
using BackupSidecar.Sync;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>Feeds one repository beside the local one: source after source, each when its interval is over and something was captured.</summary>
/// <remarks>
/// Nothing waits for a feed but those who ask it to: captures, other feeds and apps go on, and the local repository keeps nothing for it. What piles up while the repository cannot be
/// reached is merged when it can. An idle source asks nothing of the repository.
/// </remarks>
/// <param name="settings">Which one, and how.</param>
/// <param name="local">What is given.</param>
/// <param name="statuses">All sources as they are now.</param>
/// <param name="random">Spreads tries after failures.</param>
/// <param name="log">For failures, and their end.</param>
/// <param name="time">The clock.</param>
internal sealed class RemoteFeed(
    RemoteFeedSettings settings, IRepositoryReader local, Func<IReadOnlyList<SourceStatus>> statuses, Random random, ILogger log, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How often it is looked whether something is due, unless somebody asks. A look asks neither disk nor repository.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Recheck = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, FedSource> _sources = new(StringComparer.Ordinal);
    private readonly WakeSignal _wake = new();
    private BackupRepository? _remote;

    public string Name => settings.Name;

    public RestoreOrigin Origin => new(settings.Name, async ct => Volatile.Read(ref _remote) is { } open ? open : await settings.OpenForReading(ct));

    public RemoteStatus Of(string source)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            return SourceOf_NeedsLock(source).Describe(settings, now);
        }
    }

    /// <summary>Looks soon whether there is something to put, such as labels.</summary>
    public void Ask(string source)
    {
        lock (_gate)
        {
            SourceOf_NeedsLock(source).Ask();
        }

        _wake.Set();
    }

    /// <summary>Returns when everything that was captured before the call is restorable from there. Tries again after failures for as long as it is waited for.</summary>
    public async Task SyncedAsync(string source, CancellationToken ct)
    {
        TaskCompletionSource synced;
        lock (_gate)
        {
            synced = SourceOf_NeedsLock(source).NextSuccess();
        }

        _wake.Set();
        try
        {
            await synced.Task.WaitAsync(ct);
        }
        finally
        {
            // Otherwise those who gave up would pile up while the repository is away.
            _ = synced.TrySetCanceled(CancellationToken.None);
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await FeedAsync(isLast: false, stop);
                _ = await _wake.WaitAsync(Look, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end.
        }
    }

    /// <summary>Puts what the final captures have found, once, as far as there is time. After <see cref="RunAsync"/>.</summary>
    /// <returns>The sources that it lacks something of.</returns>
    public async Task<IReadOnlyList<string>> FinishAsync(CancellationToken late)
    {
        try
        {
            await FeedAsync(isLast: true, late);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            // What is left over is told.
        }

        return Behind();
    }

    /// <returns>The sources that it lacks something of.</returns>
    public IReadOnlyList<string> Behind() => [.. statuses().Where(status => status.Position is not null && Of(status.Name).BehindSince is not null).Select(status => status.Name)];

    public ValueTask DisposeAsync() => _remote?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task FeedAsync(bool isLast, CancellationToken ct)
    {
        List<string> due = [.. statuses().Where(IsDue).Select(status => status.Name)];
        foreach (var name in due.Count > 1 ? await BegunFirstAsync(due, ct) : due)
        {
            await FeedAsync(name, ct);
        }

        bool IsDue(SourceStatus status)
        {
            var now = time.GetUtcNow();
            lock (_gate)
            {
                var source = SourceOf_NeedsLock(status.Name);
                source.See(status, now);
                return isLast ? source.BehindSince is not null || source.IsAsked : source.IsDue(status, settings.Interval, Recheck, now);
            }
        }
    }

    /// <summary>An upload that was broken off goes on only before anything else is announced under the lease (<see cref="WriterLease.TryGoOnWith"/>): its source comes first.</summary>
    private async ValueTask<IReadOnlyList<string>> BegunFirstAsync(IReadOnlyList<string> names, CancellationToken ct)
    {
        try
        {
            var begun = (await OpenAsync(ct)).FindSourcesBegun();
            var first = new HashSet<string>(StringComparer.Ordinal);
            foreach (var name in begun.Count == 0 ? [] : names)
            {
                if (begun.Contains((await local.FindSourceAsync(name, ct)).Id))
                {
                    _ = first.Add(name);
                }
            }

            return [.. names.OrderBy(name => !first.Contains(name))];
        }
        catch (Exception e) when (e is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            // It is met again, and told, by the source that is fed first; whatever it is, it must not end the feed.
            return names;
        }
    }

    private async Task FeedAsync(string name, CancellationToken ct)
    {
        FedSource source;
        IReadOnlyList<TaskCompletionSource> waiting;
        lock (_gate)
        {
            source = SourceOf_NeedsLock(name);
            waiting = source.Begin(time.GetUtcNow());
        }

        try
        {
            var remote = await OpenAsync(ct);
            source.Run ??= new SyncRun(local, remote, settings.Sync, time);
            var captured = statuses().FirstOrDefault(status => status.Name == name)?.Position;
            var result = await source.Run.ExecuteAsync(name, ct);
            EnsureNothingIsMissing(name, captured, result);
            Succeeded(name, source, result);
            foreach (var one in waiting)
            {
                _ = one.TrySetResult();
            }

            await TidyAsync(name, source.Run, source, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The last run may still answer them.
            lock (_gate)
            {
                source.GiveBack(waiting);
            }

            throw;
        }
        catch (OperatorException e) when (!ct.IsCancellationRequested)
        {
            Failed(name, source, waiting, e, e.Message, e.Hint, isRefused: e.Kind == FailureKind.VerificationFailed);
            if (e is LeaseHeldException { IsOurs: true } or StoreReplacedException)
            {
                await CloseAsync();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            Failed(name, source, waiting, e, e.Message, "This is a mistake in this program, please report it with the log at level debug.", isRefused: false);
        }
    }

    /// <summary>After everything is there: it may take a while.</summary>
    private async ValueTask TidyAsync(string name, SyncRun run, FedSource source, CancellationToken ct)
    {
        var tidied = await run.TidyAsync(ct);
        source.NextTidyAt = tidied.Next;
        foreach (var doubt in tidied.Compaction?.Doubts ?? [])
        {
            HostingLog.RemoteDoubt(log, settings.Name, name, doubt.Message, doubt.Hint);
        }

        if (tidied.BackupsEnded > 0 || tidied.Compaction is { } done && done.Merges + done.PacksDeleted > 0)
        {
            HostingLog.RemoteTidied(log, settings.Name, name, tidied.Compaction?.Merges ?? 0, tidied.Compaction?.FarMerges ?? 0, tidied.Compaction?.PacksDeleted ?? 0, tidied.BackupsEnded);
        }
    }

    private async ValueTask<BackupRepository> OpenAsync(CancellationToken ct)
    {
        if (_remote is null)
        {
            Volatile.Write(ref _remote, await settings.Open(ct));
            HostingLog.RemoteOpened(log, settings.Name, settings.Location);
        }

        return _remote!;
    }

    /// <summary>To be opened anew: with the newest lease, and with what is mounted there now.</summary>
    private async ValueTask CloseAsync()
    {
        var former = _remote;
        Volatile.Write(ref _remote, null);
        lock (_gate)
        {
            foreach (var source in _sources.Values)
            {
                source.Run = null;
            }
        }

        await (former?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>What was captured and the local repository has lost since was not given, and is not acknowledged.</summary>
    private void EnsureNothingIsMissing(string name, ulong? captured, SyncResult result)
    {
        if (result.Gap is { } gap)
        {
            throw gap;
        }

        if (captured > (result.Position?.Transaction.Value ?? 0))
        {
            throw new OperatorException(
                FailureKind.VerificationFailed,
                $"{local.Location} does not hold position {captured} of source '{name}', which was captured.",
                "Is it the right volume, and who removes packs there? 'verify' shows what is missing. After a restart serve begins again from what is there.");
        }
    }

    private void Succeeded(string name, FedSource source, SyncResult result)
    {
        TimeSpan? failed;
        var captured = statuses().FirstOrDefault(status => status.Name == name);
        lock (_gate)
        {
            failed = source.Succeeded(result, captured, time.GetUtcNow());
        }

        if (failed is { } duration)
        {
            var text = DurationText.Of(TimeSpan.FromSeconds(Math.Round(duration.TotalSeconds)));
            HostingLog.RemoteRecovered(log, settings.Name, name, text);
        }

        if (result.Doubt is { } doubt)
        {
            HostingLog.RemoteDoubt(log, settings.Name, name, doubt.Message, doubt.Hint);
        }

        if (result.DidAnything)
        {
            var position = result.Position?.ToString() ?? "-";
            HostingLog.Fed(log, settings.Name, name, position, result.Packs, result.Bytes, result.Backups);
        }
    }

    private void Failed(string name, FedSource source, IReadOnlyList<TaskCompletionSource> waiting, Exception exception, string message, string hint, bool isRefused)
    {
        bool isNew;
        lock (_gate)
        {
            isNew = source.Failed(waiting, message, hint, isRefused, time.GetUtcNow());
        }

        if (isNew)
        {
            HostingLog.RemoteFailed(log, exception, settings.Name, name, message);
        }
    }

    private FedSource SourceOf_NeedsLock(string name)
    {
        if (!_sources.TryGetValue(name, out var source))
        {
            _sources[name] = source = new FedSource(run: null, new Backoff(random));
        }

        return source;
    }
}
