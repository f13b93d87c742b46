using BackupSidecar.Following.Waking;

namespace BackupSidecar.Following;

/// <summary>Waits for the next commit to a log that a look has just shown to hold nothing new.</summary>
/// <remarks>
/// A write wakes before its commit is complete (the pages come first, then perhaps a flush, then the index in shared memory, which wakes
/// nobody). So after a wake the index is looked at again and again, soon at first, then more rarely; only then the next watch is armed.
/// </remarks>
internal sealed class LogWaiter(FileWatch watch, WakeSignal wake, string logPath, TimeSpan idleLook, TimeProvider time, Random random)
{
    private const double JitterShare = 0.2;

    /// <summary>A transaction that has written pages and is not complete by then is found by the clock.</summary>
    private static readonly TimeSpan AwakeMax = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan LookMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookMax = TimeSpan.FromMilliseconds(100);

    /// <summary>Where the kernel does not tell of writes.</summary>
    private static readonly TimeSpan LookWithoutWatch = TimeSpan.FromMilliseconds(50);

    private bool _isArmed;
    private long? _wokenAt;

    /// <summary>True if the last wait went by without a sign of life.</summary>
    public bool IsIdle { get; private set; }

    /// <summary>Something was captured: the next look is the first one of a new wait.</summary>
    public void Restart()
    {
        IsIdle = false;
        _wokenAt = null;
    }

    /// <summary>Returns when it is time for the next look.</summary>
    public async ValueTask WaitAsync()
    {
        IsIdle = false;
        if (_wokenAt is { } woken && time.GetElapsedTime(woken) is var awake && awake < AwakeMax)
        {
            var step = awake / 8;
            await Task.Delay(step < LookMin ? LookMin : step > LookMax ? LookMax : step, time, CancellationToken.None);
            return;
        }

        _wokenAt = null;
        if (!_isArmed)
        {
            // Armed before the look that comes now: a write after it is not missed.
            _isArmed = watch.TryArmFile(logPath, wake);
            if (_isArmed)
            {
                return;
            }
        }

        var jitter = 1 + (JitterShare * ((2 * random.NextDouble()) - 1));
        IsIdle = !await wake.WaitAsync(_isArmed ? idleLook * jitter : LookWithoutWatch, time, CancellationToken.None);
        if (!IsIdle)
        {
            _isArmed = false;
            _wokenAt = time.GetTimestamp();
        }
    }
}
