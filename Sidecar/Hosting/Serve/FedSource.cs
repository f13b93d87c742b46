using BackupSidecar.Following;
using BackupSidecar.Sync;

namespace BackupSidecar.Hosting.Serve;

/// <summary>What a feed knows of one source. Its gate is the feed's.</summary>
internal sealed class FedSource(SyncRun? run, Backoff backoff)
{
    private readonly List<TaskCompletionSource> _waiting = [];
    private SourceTrouble? _trouble;
    private bool _isRefused;

    public SyncRun? Run { get; set; } = run;

    /// <summary>The newest position when the last run that succeeded began.</summary>
    public (ulong Position, string Timeline)? Reached { get; private set; }

    public DateTimeOffset? BeganAt { get; private set; }

    public DateTimeOffset? LastSyncAt { get; private set; }

    public DateTimeOffset? BehindSince { get; private set; }

    public bool IsAsked { get; private set; }

    /// <summary>When there is something to compact or to remove there; null: not before something new is put.</summary>
    public DateTimeOffset? NextTidyAt { get; set; }

    public long Packs { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Remembers since when there is something that is not there.</summary>
    public void See(SourceStatus status, DateTimeOffset now)
    {
        if (IsAheadOfReached(status))
        {
            BehindSince ??= now;
        }
    }

    /// <param name="status">Of the source.</param>
    /// <param name="interval">Between runs that have something to put.</param>
    /// <param name="recheck">Between looks for what has no position of its own, such as labels. They ask the local repository only.</param>
    /// <param name="now">The time.</param>
    public bool IsDue(SourceStatus status, TimeSpan interval, TimeSpan recheck, DateTimeOffset now) =>
        status.Position is not null
        && !(_trouble is { OverAt: null, NextTryAt: { } next } && next > now)
        && (IsAsked || (BehindSince is null && NextTidyAt <= now) || BeganAt is not { } began || now - began >= (BehindSince is null ? recheck : interval));

    public void Ask() => IsAsked = true;

    /// <returns>Completed by the next run that begins after this call and succeeds. Who waits no more cancels it, and is forgotten.</returns>
    public TaskCompletionSource NextSuccess()
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Forget();
        _waiting.Add(waiting);
        IsAsked = true;
        return waiting;
    }

    /// <returns>Who waits for the run that begins now.</returns>
    public IReadOnlyList<TaskCompletionSource> Begin(DateTimeOffset now)
    {
        (BeganAt, IsAsked) = (now, false);
        Forget();
        var waiting = _waiting.ToArray();
        _waiting.Clear();
        return waiting;
    }

    /// <summary>The run was cut off: they wait for the next one.</summary>
    public void GiveBack(IReadOnlyList<TaskCompletionSource> waiting)
    {
        _waiting.AddRange(waiting);
        Forget();
        IsAsked |= _waiting.Count > 0;
    }

    /// <param name="result">Of the run.</param>
    /// <param name="captured">The source as it is now. What was captured since the run began is not there, and the first of it not older than the run; null: it is followed no more.</param>
    /// <param name="now">The time.</param>
    /// <returns>How long it had failed; null: it had not.</returns>
    public TimeSpan? Succeeded(SyncResult result, SourceStatus? captured, DateTimeOffset now)
    {
        backoff.Reset();
        Reached = result.Position is { } position ? (position.Transaction.Value, position.Timeline.ToString()) : Reached;
        (LastSyncAt, BehindSince) = (now, captured is not null && IsAheadOfReached(captured) ? BeganAt : null);
        (Packs, Bytes) = (Packs + result.Packs, Bytes + result.Bytes);
        var since = _trouble is { OverAt: null } ? _trouble.Since : (DateTimeOffset?)null;
        _trouble = _trouble is { OverAt: null } ? _trouble with { OverAt = now, NextTryAt = null } : _trouble;
        return now - since;
    }

    /// <param name="waiting">Go on waiting, for the next one.</param>
    /// <param name="message">What failed.</param>
    /// <param name="hint">What to do.</param>
    /// <param name="isRefused">See <see cref="RemoteStatus.IsRefused"/>.</param>
    /// <param name="now">When.</param>
    /// <returns>True if the message is another one than before.</returns>
    public bool Failed(IReadOnlyList<TaskCompletionSource> waiting, string message, string hint, bool isRefused, DateTimeOffset now)
    {
        GiveBack(waiting);
        var isNew = _trouble is not { OverAt: null } || _trouble.Message != message;
        var since = _trouble is { OverAt: null } ? _trouble.Since : now;
        _isRefused = isRefused;
        _trouble = new SourceTrouble(now, since, message, hint, now + backoff.Next());
        return isNew;
    }

    public RemoteStatus Describe(RemoteFeedSettings settings, DateTimeOffset now) => new(settings.Name, settings.Location, settings.Interval.TotalSeconds)
    {
        Position = Reached?.Position,
        Timeline = Reached?.Timeline,
        LastSyncAt = LastSyncAt,
        BehindSince = BehindSince,
        LagSeconds = BehindSince is { } since ? Math.Max(0, (now - since).TotalSeconds) : Reached is null ? null : 0,
        Packs = Packs,
        Bytes = Bytes,
        Trouble = _trouble,
        IsRefused = _isRefused && _trouble is { OverAt: null },
        Account = settings.Account?.Invoke(),
    };

    private bool IsAheadOfReached(SourceStatus status) =>
        status.Position is { } position && !(Reached is { } reached && reached.Timeline == (status.Timeline ?? "") && position <= reached.Position);

    private void Forget() => _waiting.RemoveAll(one => one.Task.IsCompleted);
}
