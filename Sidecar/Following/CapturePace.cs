namespace BackupSidecar.Following;

/// <summary>When the next capture is due: pure arithmetic on what the log's index shows.</summary>
/// <remarks>
/// Commits are merged for an interval. Two things make a capture due at once, because waiting would cost the cheap way: a log that was
/// reset (its old frames are being overwritten), and many frames since the last capture (a reset may be near). While an application
/// writes, the index is looked at often enough to see either in time; a look takes no lock and costs less than a microsecond.
/// </remarks>
internal sealed class CapturePace
{
    /// <summary>An application resets its log after about 1,000 frames by default: a quarter of that is never far behind.</summary>
    public const uint FramesMax = 256;

    private const uint FramesBetweenLooks = 64;
    private static readonly TimeSpan LookMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookMax = TimeSpan.FromMilliseconds(20);

    private uint _framesSeen;
    private TimeSpan _sinceCaptureSeen;

    /// <summary>How long to wait before looking again; zero or less: capture now.</summary>
    /// <param name="interval">Commits within it are merged; it may change from call to call.</param>
    /// <param name="sinceCapture">Since the last capture began.</param>
    /// <param name="isReset">The log is of another generation than the last capture's.</param>
    /// <param name="framesAhead">Frames that the log has and the last capture had not.</param>
    public TimeSpan Next(TimeSpan interval, TimeSpan sinceCapture, bool isReset, uint framesAhead)
    {
        var written = framesAhead - Math.Min(framesAhead, _framesSeen);
        var sinceLook = sinceCapture - _sinceCaptureSeen;
        (_framesSeen, _sinceCaptureSeen) = (framesAhead, sinceCapture);
        var left = interval - sinceCapture;
        if (isReset || framesAhead >= FramesMax || left <= TimeSpan.Zero)
        {
            (_framesSeen, _sinceCaptureSeen) = (0, TimeSpan.Zero);
            return TimeSpan.Zero;
        }

        var look = written == 0 ? LookMax : sinceLook * ((double)FramesBetweenLooks / written);
        return Min(left, look < LookMin ? LookMin : Min(look, LookMax));
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
