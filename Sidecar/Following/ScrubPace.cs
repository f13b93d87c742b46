namespace BackupSidecar.Following;

/// <summary>Keeps the scrubs of all sources of a process to a small share of its time.</summary>
internal sealed class ScrubPace(TimeProvider time)
{
    private readonly Lock _lock = new();
    private bool _isRunning;
    private long? _ended;
    private TimeSpan _pause;

    /// <summary>At most this share of the time: with it a terabyte that is read at 1 GB/s is compared in about a day.</summary>
    public double ShareMax { get; init; } = 0.01;

    /// <returns>False if somebody else is at it, or the last slice was too short a time ago.</returns>
    public bool TryBegin()
    {
        lock (_lock)
        {
            if (_isRunning || (_ended is { } ended && time.GetElapsedTime(ended) < _pause))
            {
                return false;
            }

            return _isRunning = true;
        }
    }

    public void End(TimeSpan took)
    {
        lock (_lock)
        {
            (_isRunning, _ended, _pause) = (false, time.GetTimestamp(), took * ((1 / ShareMax) - 1));
        }
    }
}
