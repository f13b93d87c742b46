namespace BackupSidecar.Tests.Lifecycle;

/// <summary>The clock of the system, set forward by hand. Timers of more than <see cref="SystemMax"/> wait for that; shorter ones are the system's.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<HeldTimer> _held = [];
    private TimeSpan _ahead;

    public TimeSpan SystemMax { get; init; } = TimeSpan.FromSeconds(10);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= SystemMax)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        lock (_gate)
        {
            var timer = new HeldTimer(this, GetUtcNow() + dueTime, () => callback(state));
            _held.Add(timer);
            return timer;
        }
    }

    public void Step(TimeSpan by)
    {
        List<HeldTimer> due;
        lock (_gate)
        {
            _ahead += by;
            due = [.. _held.Where(timer => timer.At <= GetUtcNow())];
            _ = _held.RemoveAll(due.Contains);
        }

        due.ForEach(timer => timer.Fire());
    }

    private sealed class HeldTimer(SteppedTime time, DateTimeOffset at, Action fire) : ITimer
    {
        public DateTimeOffset At { get; } = at;

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose()
        {
            lock (time._gate)
            {
                _ = time._held.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
