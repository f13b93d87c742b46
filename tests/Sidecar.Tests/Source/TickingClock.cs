namespace BackupSidecar.Tests.Source;

/// <summary>Time goes on by one step whenever it is asked for.</summary>
internal sealed class TickingClock : TimeProvider
{
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private long _steps;

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => Interlocked.Increment(ref _steps);
}
