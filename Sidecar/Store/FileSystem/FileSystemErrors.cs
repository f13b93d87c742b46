using System.Runtime.InteropServices;
using BackupSidecar.Primitives;

namespace BackupSidecar.Store.FileSystem;

/// <summary>Turns error numbers of the file system into errors that name location, object and step and say what to do.</summary>
internal sealed class FileSystemErrors(string location)
{
    /// <param name="error">An error number of <see cref="Errno"/>.</param>
    /// <param name="step">What was done, after "Cannot": "write", "publish".</param>
    /// <param name="subject">The object or file it was done to.</param>
    /// <param name="innerException">What the base library threw, if it did.</param>
    public StoreException Of(int error, string step, string subject, Exception? innerException = null)
    {
        var (reason, hint) = Explain(error);
        return new StoreException(FailureKind.Failed, subject == location ? $"Cannot {step} {location}: {reason}." : $"Cannot {step} '{subject}' in {location}: {reason}.", hint, innerException);
    }

    public StoreException Of(Exception exception, string step, string subject) =>
        Of(Errno.Of(exception), step, subject, exception);

    public StoreException RootMissing() => new(
        FailureKind.RepositoryMissing,
        $"{location} does not exist.",
        "Check the path, and that its volume is mounted. The first backup into a repository creates it.");

    public StoreReplacedException RootReplaced() => new(
        $"{location} is not the directory any more that this process took the lock of: it was removed or replaced, or its volume unmounted.",
        "Nothing is written there. Bring the directory or its volume back, and the work goes on. A repository beside the local one is opened anew by itself also where its volume came back as another device. For the local one restart this program then, and where it is gone for good: it begins a new repository.");

    public StoreException RootNotDirectory() => new(
        FailureKind.Failed,
        $"{location} is not a directory.",
        "Name the directory that holds the repository, not a file in it.");

    public StoreException RootUnreadable(int error)
    {
        var (reason, hint) = Explain(error);
        return new StoreException(FailureKind.Failed, $"The directory {location} cannot be read: {reason}.", hint);
    }

    /// <summary>True for failures that the base library's file calls report.</summary>
    public static bool IsFileError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    private static (string Reason, string Hint) Explain(int error) => error switch
    {
        Errno.NoSpace => (
            "no space left on its file system",
            "Free space there or make the volume larger; serve then goes on by itself, any other command is to be run again. Nothing of the unfinished object remains."),
        Errno.QuotaExceeded => (
            "the disk quota is used up",
            "Free space or raise the quota; serve then goes on by itself, any other command is to be run again. Nothing of the unfinished object remains."),
        Errno.AccessDenied or Errno.NotPermitted => (
            "permission denied",
            $"Give user {ProcessUser.Name} access to it, or run as the user that owns the repository."),
        Errno.ReadOnlyFileSystem => (
            "its file system is read-only",
            "Mount the volume read-write. If it was, the kernel may have switched it after an error: see its log."),
        Errno.InputOutput => (
            "an input/output error",
            "The disk or the connection to it is failing: see the kernel's log, and run 'verify' on the repository before relying on it."),
        Errno.NoEntry => (
            "it does not exist",
            "Somebody removed it meanwhile, or the volume was unmounted. Check both and run the command again."),
        Errno.NotDirectory => (
            "part of its path is a file where a directory should be",
            "Look at the path: something else wrote into the repository's directory."),
        Errno.CrossDevice => (
            "parts of the repository lie on different file systems",
            "Mount one file system for the whole repository directory, none inside it."),
        Errno.FileTooLarge => (
            "its file system does not allow files of that size",
            "Use a file system without that limit, or raise the process's file size limit (ulimit -f)."),
        Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem => (
            "too many open files",
            "Raise the limit of open files (ulimit -n) and run the command again."),
        Errno.NameTooLong => (
            "a name in its path, or the whole path, is too long for the file system",
            "Mostly a name may have 255 bytes and a path 4095. Put the repository at a shorter path, or on a file system that allows longer names."),
        Errno.NoLocks => (
            "its file system offers no locks",
            "Mount it with locking (for NFS: without 'nolock'), or put the repository on another file system."),
        Errno.StaleHandle => (
            "the connection to the network file system became stale",
            "Mount the volume again and run the command again."),
        0 => ("an unknown error", "See the details of the error."),
        _ => ($"{Marshal.GetPInvokeErrorMessage(error)} (error {error})", "Check the volume and the kernel's log, then run the command again."),
    };
}
