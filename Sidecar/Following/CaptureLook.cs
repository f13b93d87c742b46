using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>What a look at the index of a log shows, beside what was captured.</summary>
/// <param name="IsReadable">False: a commit or a recovery is just going on.</param>
/// <param name="IsNews">There is something that was not captured.</param>
/// <param name="IsReset">The log is of another generation than the last capture's.</param>
/// <param name="FramesAhead">Frames since the last capture, within one generation.</param>
/// <param name="CommitsAhead">Commits since the last capture, as the index counts them; null if they cannot be compared.</param>
internal readonly record struct CaptureLook(bool IsReadable, bool IsNews, bool IsReset, uint FramesAhead, long? CommitsAhead)
{
    public int PageSizeBytes { get; init; }

    /// <summary>Which log it is, and its last frame.</summary>
    public (ulong Salts, uint LastFrame) LogEnd { get; init; }

    /// <summary>What the log holds; its file may be larger.</summary>
    public long LogBytes => LogEnd.LastFrame * (long)(WalFormat.FrameHeaderSize + PageSizeBytes);

    public static CaptureLook At(AttachedDatabase database, WalCursor? captured, bool isOfThisAttachment) => database.TryReadIndex(out var log)
        ? At(log, captured, isOfThisAttachment) with { PageSizeBytes = log.PageSizeBytes, LogEnd = (log.Salts, log.LastFrame) }
        : new CaptureLook(IsReadable: false, IsNews: false, IsReset: false, 0, CommitsAhead: null);

    private static CaptureLook At(WalIndexHeader log, WalCursor? captured, bool isOfThisAttachment)
    {
        if (captured is not { } cursor)
        {
            return new CaptureLook(IsReadable: true, IsNews: true, IsReset: true, 0, CommitsAhead: null);
        }

        if (cursor.IsAt(log, isOfThisAttachment))
        {
            return new CaptureLook(IsReadable: true, IsNews: false, IsReset: false, 0, CommitsAhead: 0);
        }

        var isReset = log.Salts != cursor.Salts || log.LastFrame < cursor.Frame;
        var commits = (long)log.CommitCounter - cursor.CommitCounter;
        return new CaptureLook(IsReadable: true, IsNews: true, isReset, isReset ? 0 : log.LastFrame - cursor.Frame, commits >= 0 ? commits : null);
    }
}
