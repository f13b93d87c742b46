namespace BackupSidecar.Cli.Output;

/// <summary>Lets one report pass per interval. Runs report from their inner loops, so a report that does not pass costs a clock reading.</summary>
internal sealed class ProgressThrottle(TimeProvider time, TimeSpan interval, bool startsOpen)
{
    private readonly long _intervalTicks = (long)(interval.TotalSeconds * time.TimestampFrequency);
    private long _next = time.GetTimestamp() + (startsOpen ? 0 : (long)(interval.TotalSeconds * time.TimestampFrequency));

    public bool TryPass()
    {
        var now = time.GetTimestamp();
        var next = Volatile.Read(ref _next);

        // Of two threads that come at the same time, one passes.
        return now >= next && Interlocked.CompareExchange(ref _next, now + _intervalTicks, next) == next;
    }
}
