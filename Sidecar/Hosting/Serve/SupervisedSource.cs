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
                    State = _hasEnded ? SourceState.Ended : _follower is null && _trouble is not null ? SourceState.Failing : status.State,
                    Reason = _follower is null && _trouble is not null ? "the last try failed" : status.Reason,
                    Trouble = _trouble ?? status.Trouble,
                }).WithLagAt(_time.GetUtcNow(), isLooking: _follower is not null);
            }
        }
    }

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

    /// <summary>Follows until it is asked to stop. Throws nothing.</summary>
    public async Task<FollowingEnd> RunAsync()
    {
        // Away from the caller: the first steps of a follower may take long.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (true)
        {
            var isFinal = Stop.Signals.Requested.IsCancellationRequested;
            try
            {
                var end = await FollowAsync();
                _hasEnded = true;
                return end;
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
                await WaitAfterAsync(e);
            }
        }
    }

    public void Dispose() => Stop.Dispose();

    private async Task<FollowingEnd> FollowAsync()
    {
        var started = _time.GetUtcNow();
        var follower = Begin();
        _ = TellRecoveryAsync(follower);
        try
        {
            return await follower.RunAsync(Stop.Signals).WaitAsync(Stop.Signals.Abandoned);
        }
        finally
        {
            lock (_gate)
            {
                _lastStatus = follower.Status.After(_lastStatus);
                _follower = null;
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
        await Task.Delay(wait, _time, Stop.Signals.Requested).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private SourceStatus Blank() => new() { Name = _definition.Name, Path = _definition.Path, State = SourceState.Starting };
}
