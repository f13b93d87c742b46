using BackupSidecar.Following.Waking;

namespace BackupSidecar.Following;

/// <summary>Waits for the next commit to a log that a look has just shown to hold nothing new.</summary>
/// <remarks>
/// A write wakes before its commit is complete: the pages come first, then perhaps a flush, then the index in shared memory, which wakes
/// nobody. So a watch alone would miss the commit whose pages were written before the watch was armed. Whoever writes holds the write lock from before its first
/// page until its commit is in the index: while it is held the index is looked at again, soon at first, then more rarely; once it was seen
/// free after arming, one look more finds what was under way, and every later commit writes, and wakes.
/// </remarks>
/// <param name="watch">Wakes.</param>
/// <param name="wake">Also set by others.</param>
/// <param name="logPath">What is watched.</param>
/// <param name="isWriting">True while another process holds the write lock of the log.</param>
/// <param name="idleLook">How long nothing must happen until it is looked anyway.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Spreads the looks of many.</param>
internal sealed class LogWaiter(FileWatch watch, WakeSignal wake, string logPath, Func<bool> isWriting, TimeSpan idleLook, TimeProvider time, Random random)
{
    private const double JitterShare = 0.2;

    /// <summary>A transaction that stays open longer wakes by the last page that it writes.</summary>
    private static readonly TimeSpan UnderWayMax = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan LookMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookMax = TimeSpan.FromMilliseconds(100);

    /// <summary>Where the kernel does not tell of writes.</summary>
    private static readonly TimeSpan LookWithoutWatch = TimeSpan.FromMilliseconds(50);

    private bool _isArmed;
    private long _armed;

    /// <summary>Nothing is under way that began to write before the watch was armed.</summary>
    private bool _isSettled;

    /// <summary>Returns when it is time for the next look.</summary>
    public async ValueTask WaitAsync()
    {
        if (!_isArmed)
        {
            _isArmed = watch.TryArmFile(logPath, wake);
            _armed = time.GetTimestamp();
        }

        if (!_isSettled)
        {
            var underWay = time.GetElapsedTime(_armed);
            _isSettled = !isWriting() || underWay >= UnderWayMax;
            if (!_isSettled)
            {
                var step = underWay / 8;
                await Task.Delay(step < LookMin ? LookMin : step > LookMax ? LookMax : step, time, CancellationToken.None);
            }

            return;
        }

        var jitter = 1 + (JitterShare * ((2 * random.NextDouble()) - 1));
        if (await wake.WaitAsync(_isArmed ? idleLook * jitter : LookWithoutWatch, time, CancellationToken.None))
        {
            (_isArmed, _isSettled) = (false, false);
        }
    }
}
