using System.Runtime.InteropServices;
using BackupSidecar.Primitives;

namespace BackupSidecar.Restore.Swap;

/// <summary>Turns an error number of the system into a failure that names the step and the file.</summary>
internal static class SwapFailure
{
    public static OperatorException OfSystem(string step, string path, int error) =>
        new(KindOf(error), $"{step}: '{path}': {Marshal.GetPInvokeErrorMessage(error)} (error {error}).", HintOf(error));

    /// <summary>As <see cref="OfSystem"/>, with the error of the last system call of this thread.</summary>
    public static OperatorException OfLastCall(string step, string path) => OfSystem(step, path, Marshal.GetLastPInvokeError());

    private static FailureKind KindOf(int error) =>
        error is Posix.ErrorBusy or Posix.ErrorCrossDevice or Posix.ErrorNotSupported ? FailureKind.UnsafeEnvironment : FailureKind.Failed;

    private static string HintOf(int error) => error switch
    {
        Posix.ErrorNotPermitted or Posix.ErrorAccess => "Give this process write access to the database and its directory, or run it as the user that owns them. On a file system without hard links a safety copy cannot be kept: restore to a new path there.",
        Posix.ErrorReadOnlyFileSystem => "Mount the volume of the database for writing.",
        Posix.ErrorNoSpace or Posix.ErrorQuota => "Free some space on the volume of the database.",
        Posix.ErrorNameTooLong => "That name or path is too long for its file system, which mostly allows 255 bytes a name: restore to a shorter one.",
        Posix.ErrorBusy => "If the database file is itself a mount point, mount its directory instead: a mounted file cannot be replaced.",
        Posix.ErrorCrossDevice => "Assemble the new database in the directory of the old one.",
        Posix.ErrorNotSupported => "This file system lacks what a safe swap needs (hard links, atomic rename). Restore to a new path instead.",
        _ => "Look at the file system and run the command again: it finishes or undoes what was begun.",
    };
}
