using BackupSidecar.Following;

namespace BackupSidecar.Hosting.Serve;

/// <summary>Gives the three signals of an end, each in its time.</summary>
internal sealed class StopControl : IDisposable
{
    private readonly CancellationTokenSource _requested = new();
    private readonly CancellationTokenSource _lastCapture;
    private readonly CancellationTokenSource _abandoned;

    public StopControl(TimeProvider time)
    {
        _lastCapture = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _abandoned = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        Signals = new StopSignals(_requested.Token, _lastCapture.Token, _abandoned.Token);
    }

    public StopSignals Signals { get; }

    /// <summary>The first call counts, except that a later one can only be sooner.</summary>
    /// <param name="untilLastCapture">How long apps may stay attached before the final capture is made.</param>
    /// <param name="untilAbandoned">When nobody waits any longer.</param>
    public void Request(TimeSpan untilLastCapture, TimeSpan untilAbandoned)
    {
        // The last one first: whoever hears the request may rely on the others being on their way.
        _abandoned.CancelAfter(untilAbandoned);
        if (untilLastCapture <= TimeSpan.Zero)
        {
            _lastCapture.Cancel();
        }
        else
        {
            _lastCapture.CancelAfter(untilLastCapture);
        }

        _requested.Cancel();
    }

    public void Dispose()
    {
        _requested.Dispose();
        _lastCapture.Dispose();
        _abandoned.Dispose();
    }
}
