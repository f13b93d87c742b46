using BackupSidecar.Contracts.V1;

namespace BackupSidecar.Api;

/// <summary>How many calls of one kind may go on at the same time. One more is refused at once: whoever waits in a queue holds memory, too.</summary>
internal sealed class CallLimit(int max, string what)
{
    private int _running;

    /// <exception cref="ApiException">As many as may are going on.</exception>
    public Slot Enter()
    {
        if (Interlocked.Increment(ref _running) > max)
        {
            _ = Interlocked.Decrement(ref _running);
            throw new ApiException(ErrorReason.TooManyCalls, $"{max} {what} are going on already.", "Try again when some have ended; share one between the parts of an app.");
        }

        return new Slot(this);
    }

    internal readonly struct Slot(CallLimit limit) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref limit._running);
    }
}
