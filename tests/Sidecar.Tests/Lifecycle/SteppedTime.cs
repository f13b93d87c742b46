namespace BackupSidecar.Tests.Lifecycle;

/// <summary>The clock of the system, set forward by hand; its timers are the system's.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public void Step(TimeSpan by) => _ahead += by;
}
