using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>Keeps one source followed: a follower that fails is replaced by a new one after a while, and nobody else waits for it.</summary>
internal sealed class SupervisedSource : IDisposable
{
    private readonly Func<SourceDefinition, IFollowedSource> _create;
    private readonly Backoff _backoff;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    /// <summary>Completed when the first follower runs, or could not be made.</summary>
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SourceDefinition _definition;
    private IFollowedSource? _follower;
    private SourceStatus? _lastStatus;
    private SourceTrouble? _trouble;
    private DateTimeOffset? _failingSince;
    private bool _hasEnded;

    /// <summary>Somebody wants the database closed.</summary>
    private SourceHold? _hold;

    /// <summary>Of the follower that runs, or of the pause after one that failed: a hold does not wait for either.</summary>
    private CancellationTokenSource? _interruptible;

    public SupervisedSource(SourceDefinition definition, Func<SourceDefinition, IFollowedSource> create, Random random, ILogger log, TimeProvider time)
    {
        _definition = definition;
        _create = create;
        _backoff = new Backoff(random);
        _log = log;
        _time = time;
        Stop = new StopControl(time);
    }

    public StopControl Stop { get; }

    public SourceDefinition Definition
    {
        get
        {
            lock (_gate)
            {
                return _definition;
            }
        }
    }

    public SourceStatus Status
    {
        get
        {
            lock (_gate)
            {
                var status = _follower?.Status.After(_lastStatus) ?? _lastStatus ?? Blank();
                return (status with
                {
                    State = _hasEnded ? SourceState.Ended : IsHeld ? SourceState.Starting : IsFailing ? SourceState.Failing : status.State,
                    Reason = IsHeld ? "its database is being exchanged" : IsFailing ? "the last try failed" : status.Reason,
                    Trouble = _trouble ?? status.Trouble,
                }).WithLagAt(_time.GetUtcNow(), isLooking: _follower is not null);
            }
        }
    }

    private bool IsHeld => _follower is null && _hold is not null;

    private bool IsFailing => _follower is null && _trouble is not null;

    /// <summary>Changes what can change without a new follower.</summary>
    public void Apply(SourceDefinition definition)
    {
        lock (_gate)
        {
            _definition = definition;
            _follower?.Apply(definition);
        }
    }

    /// <summary>Returns when everything that was committed before the call is stored, or it is known that it will not be soon.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> came first.</exception>
    public async Task<CaptureRequestOutcome> CaptureNowAsync(CancellationToken ct)
    {
        await _begun.Task.WaitAsync(ct);
        IFollowedSource? follower;
        lock (_gate)
        {
            follower = _follower;
        }

        if (follower is { Status: { State: SourceState.Waiting or SourceState.Starting, DatabaseBytes: null } })
        {
            return CaptureRequestOutcome.DatabaseMissing;
        }

        try
        {
            if (follower is not null)
            {
                await follower.CaptureNowAsync(ct);
                return CaptureRequestOutcome.Stored;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The follower has ended.
        }

        return Stop.Signals.Requested.IsCancellationRequested ? CaptureRequestOutcome.Ended : CaptureRequestOutcome.Failing;
    }

    /// <summary>Makes the final capture of the follower that runs, closes the database, and begins no other follower until the hold is disposed. One at a time.</summary>
    /// <returns>How following ended; null: that capture failed.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> came first; following goes on.</exception>
    public async Task<(SourceHold Hold, FollowingEnd? End)> HoldAsync(CancellationToken ct)
    {
        var hold = new SourceHold(Release);
        lock (_gate)
        {
            if (_hold is not null)
            {
                throw new InvalidOperationException($"Source '{_definition.Name}' is held already.");
            }

            _hold = hold;
            _ = _interruptible?.CancelAsync();
        }

        try
        {
            return (hold, await hold.Reached.WaitAsync(ct));
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>Follows until it is asked to stop. Throws nothing.</summary>
    public async Task<FollowingEnd> RunAsync()
    {
        // Away from the caller: the first steps of a follower may take long.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        FollowingEnd? last = null;
        var isForHold = false;
        while (true)
        {
            if (isForHold && await LetHoldAsync(last))
            {
                isForHold = false;
                continue;
            }

            // Asked for at the start or after a failure, a hold is worth one more try, as the end is.
            isForHold = IsHoldWanted;
            var isFinal = Stop.Signals.Requested.IsCancellationRequested;
            try
            {
                (last, isForHold) = await FollowAsync();
                if (Stop.Signals.Requested.IsCancellationRequested)
                {
                    _hasEnded = true;
                    return last.Value;
                }
            }
            catch (Exception) when (Stop.Signals.Abandoned.IsCancellationRequested)
            {
                return FollowingEnd.CommitsPossible;
            }
            catch (Exception e) when (isFinal)
            {
                HostingLog.FinalCaptureFailed(_log, e, Definition.Name, e.Message);
                return FollowingEnd.CommitsPossible;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                last = null;
                await WaitAfterAsync(e);
            }
        }
    }

    public void Dispose() => Stop.Dispose();

    private bool IsHoldWanted
    {
        get
        {
            lock (_gate)
            {
                return _hold is not null;
            }
        }
    }

    /// <summary>No follower runs: if somebody holds the database, this waits until it is released.</summary>
    private async Task<bool> LetHoldAsync(FollowingEnd? end)
    {
        SourceHold? hold;
        lock (_gate)
        {
            hold = _hold;
        }

        if (hold is null)
        {
            return false;
        }

        hold.Reach(end);
        await hold.Released.WaitAsync(Stop.Signals.Abandoned).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !Stop.Signals.Abandoned.IsCancellationRequested;
    }

    private void Release(SourceHold hold)
    {
        lock (_gate)
        {
            _hold = _hold == hold ? null : _hold;
        }
    }

    /// <returns>How it ended, and whether because the database is wanted closed.</returns>
    private async Task<(FollowingEnd End, bool IsForHold)> FollowAsync()
    {
        var started = _time.GetUtcNow();
        var follower = Begin();
        _ = TellRecoveryAsync(follower);
        using var run = BeginInterruptible();
        using var requested = CancellationTokenSource.CreateLinkedTokenSource(Stop.Signals.Requested, run.Token);
        using var lastCapture = CancellationTokenSource.CreateLinkedTokenSource(Stop.Signals.LastCapture, run.Token);
        try
        {
            var end = await follower.RunAsync(new StopSignals(requested.Token, lastCapture.Token, Stop.Signals.Abandoned)).WaitAsync(Stop.Signals.Abandoned);
            return (end, run.IsCancellationRequested);
        }
        finally
        {
            lock (_gate)
            {
                _lastStatus = follower.Status.After(_lastStatus);
                _follower = null;
                _interruptible = null;
            }

            if (_lastStatus.LastCaptureAt >= started)
            {
                _backoff.Reset();
            }

            // One that does not hear the stop still uses what would be disposed, and the process ends around it.
            if (!Stop.Signals.Abandoned.IsCancellationRequested)
            {
                await follower.DisposeAsync();
            }
        }
    }

    /// <returns>What a hold cancels, until <see cref="EndInterruptible"/>.</returns>
    private CancellationTokenSource BeginInterruptible()
    {
        var interruptible = new CancellationTokenSource();
        lock (_gate)
        {
            _interruptible = interruptible;
            if (_hold is not null)
            {
                _ = interruptible.CancelAsync();
            }
        }

        return interruptible;
    }

    private void EndInterruptible()
    {
        lock (_gate)
        {
            _interruptible = null;
        }
    }

    private IFollowedSource Begin()
    {
        var definition = Definition;
        var follower = _create(definition);
        lock (_gate)
        {
            _follower = follower;
            _trouble = _trouble is null ? null : _trouble with { NextTryAt = null };
            if (!ReferenceEquals(_definition, definition))
            {
                follower.Apply(_definition);
            }
        }

        _begun.TrySetResult();
        return follower;
    }

    /// <summary>A log that ends with a failure would leave open whether it still goes on.</summary>
    private async Task TellRecoveryAsync(IFollowedSource follower)
    {
        if (_failingSince is not { } since)
        {
            return;
        }

        try
        {
            await follower.CaptureNowAsync(CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // This run has ended, too.
            return;
        }

        var now = _time.GetUtcNow();
        lock (_gate)
        {
            _failingSince = null;
            _trouble = _trouble is null ? null : _trouble with { OverAt = now };
        }

        var delay = DurationText.Of(TimeSpan.FromSeconds(Math.Round((now - since).TotalSeconds)));
        HostingLog.SourceRecovered(_log, Definition.Name, delay);
    }

    /// <summary>Returns early when the end is asked for: the final capture is worth one more try.</summary>
    private async Task WaitAfterAsync(Exception failure)
    {
        var wait = _backoff.Next();
        var now = _time.GetUtcNow();
        var hint = failure is OperatorException { Hint: var named } ? named : failure is IOException or UnauthorizedAccessException
            ? "Check the path, the free space, the permissions and the mount of its volume."
            : "This is a mistake in this program, please report it with the log at level debug.";
        var message = failure is OperatorException or IOException or UnauthorizedAccessException ? failure.Message : $"{failure.GetType().Name}: {failure.Message}";
        lock (_gate)
        {
            _trouble = new SourceTrouble(now, _failingSince ??= now, message.ReplaceLineEndings(" "), hint, now + wait);
        }

        _begun.TrySetResult();
        HostingLog.SourceFailed(_log, failure, Definition.Name, message, DurationText.Of(TimeSpan.FromMilliseconds(Math.Round(wait.TotalMilliseconds))));
        using var pause = BeginInterruptible();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Stop.Signals.Requested, pause.Token);
        await Task.Delay(wait, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        EndInterruptible();
    }

    private SourceStatus Blank() => new() { Name = _definition.Name, Path = _definition.Path, State = SourceState.Starting };
}
