namespace BackupSidecar.Store.FileSystem;

/// <summary>Error numbers of Linux; the same on x64 and arm64.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int InputOutput = 5;
    public const int WouldBlock = 11;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int CrossDevice = 18;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int TooManyOpenFilesInSystem = 23;
    public const int TooManyOpenFiles = 24;
    public const int FileTooLarge = 27;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int NameTooLong = 36;
    public const int NoLocks = 37;
    public const int NotImplemented = 38;
    public const int NotSupported = 95;
    public const int StaleHandle = 116;
    public const int QuotaExceeded = 122;
    public const int Interrupted = 4;

    /// <summary>The number behind an exception of the base library; 0 if it hides none.</summary>
    /// <remarks>A plain <see cref="IOException"/> carries the number itself as its HResult, the special ones say it by their type.</remarks>
    public static int Of(Exception exception) => exception switch
    {
        UnauthorizedAccessException { InnerException: IOException inner } => inner.HResult,
        UnauthorizedAccessException => AccessDenied,
        PathTooLongException => NameTooLong,
        FileNotFoundException or DirectoryNotFoundException => NoEntry,
        IOException { HResult: > 0 and < 4096 } e => e.HResult,
        _ => 0,
    };
}
