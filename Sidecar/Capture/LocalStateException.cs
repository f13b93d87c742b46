using BackupSidecar.Primitives;

namespace BackupSidecar.Capture;

/// <summary>The local state cannot be read or written. It says nothing about database or repository, and nothing there was changed by it.</summary>
internal sealed class LocalStateException(string path, string step, Exception innerException)
    : OperatorException(
        FailureKind.Failed,
        $"The local state {path} cannot be {step}: {innerException.Message}",
        "Name a directory with --state that this user may write to and that has room for 48 bytes a page (13 MB for 1 GB of 4 KiB pages).",
        innerException)
{
    /// <summary>True for what the base library's file calls throw.</summary>
    public static bool IsFileError(Exception e) => e is IOException or UnauthorizedAccessException;
}
