using BackupSidecar.Primitives;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Following;

/// <summary>The log lines of following. A capture from the log is a detail; what costs more, or needs eyes, is said aloud.</summary>
internal static partial class FollowingLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Source}: captured {Commits} commits ({Method}), {Pages} pages, {Bytes} bytes stored")]
    public static partial void Captured(ILogger log, string source, string method, uint pages, long bytes, uint commits);

    [LoggerMessage(2, LogLevel.Information, "{Source}: compared all pages because {Reason}; {Pages} pages stored, longest read transaction {HeldMilliseconds:0} ms")]
    public static partial void Compared(ILogger log, string source, string reason, uint pages, double heldMilliseconds);

    [LoggerMessage(5, LogLevel.Debug, "{Source}: a comparison in windows starts over: {Reason}")]
    public static partial void ComparedInVain(ILogger log, string source, string reason);

    [LoggerMessage(20, LogLevel.Warning, "{Source}: the whole database is read in one read transaction: {Reason}")]
    public static partial void Holds(ILogger log, string source, string reason);

    [LoggerMessage(3, LogLevel.Warning, "{Source}: a new timeline begins with position {Position}: {Reason}")]
    public static partial void NewTimeline(ILogger log, string source, Position position, string reason);

    [LoggerMessage(4, LogLevel.Error, "{Source}: {Message} {Hint}")]
    public static partial void Doubt(ILogger log, string source, string message, string hint);

    [LoggerMessage(9, LogLevel.Warning, "{Source}: position {Position} is a new full and needs nothing older; positions before it may not restore: {Message}")]
    public static partial void MadeAnew(ILogger log, string source, Position position, string message);

    [LoggerMessage(10, LogLevel.Warning, "{Source}: there is no database at {Path} any more: it was deleted or moved, or its volume is not mounted. What an app that still has the file open commits is not captured. Put it back, or end every instance of the app and fill it from the newest position: 'lifecycle prepare' does so when the app starts, or 'restore'")]
    public static partial void Gone(ILogger log, string source, string path);

    [LoggerMessage(11, LogLevel.Warning, "{Source}: there is still no database at {Path}: what was committed since the last capture, and what an app that has the deleted file open commits, is not captured and is lost when the app ends. Copy it out of there before, if you need it")]
    public static partial void GoneAtEnd(ILogger log, string source, string path);

    [LoggerMessage(7, LogLevel.Debug, "{Source}: copied the log into the database within {Milliseconds:0} ms")]
    public static partial void Assisted(ILogger log, string source, double milliseconds);

    [LoggerMessage(8, LogLevel.Warning, "{Source}: the log is longer than its limit and could not be kept short: {Hindrance}")]
    public static partial void Hindered(ILogger log, string source, string hindrance);

    [LoggerMessage(6, LogLevel.Error, "{Source}: {Pages} of the database is not what was captured at position {Position}, and no commit explains it: comparing all pages with the repository")]
    public static partial void Differs(ILogger log, string source, string pages, Position position);
}
