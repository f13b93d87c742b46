using System.Text;

namespace BackupSidecar.DriveEmulator;

/// <summary>The emulator's own time: another clock's, moved by an offset that a test sets, so that sessions and tokens age without waiting.</summary>
/// <remarks>The offset survives a restart. Only the time of day moves; delays that a fault asks for run on the clock below.</remarks>
public sealed class EmulatorClock : TimeProvider
{
    private readonly TimeProvider _system;
    private readonly string _path;
    private long _offsetTicks;

    internal EmulatorClock(TimeProvider system, string path)
    {
        _system = system;
        _path = path;
        _offsetTicks = File.Exists(path) ? long.Parse(File.ReadAllText(path)) : 0;
    }

    /// <summary>How far it is ahead of the clock below.</summary>
    public TimeSpan Offset => new(Interlocked.Read(ref _offsetTicks));

    public override long TimestampFrequency => _system.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _system.GetUtcNow() + Offset;

    public override long GetTimestamp() => _system.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _system.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan span) => Move(Offset + span);

    public void Set(DateTimeOffset time) => Move(time - _system.GetUtcNow());

    private void Move(TimeSpan offset)
    {
        AtomicFile.Write(_path, Encoding.ASCII.GetBytes($"{offset.Ticks}"));
        Interlocked.Exchange(ref _offsetTicks, offset.Ticks);
    }
}
