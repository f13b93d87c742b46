using BackupSidecar.Primitives;
using SQLitePCL;

namespace BackupSidecar.Source;

/// <summary>What can go wrong while a database is read, in words for whoever has to mend it.</summary>
internal static class SourceErrors
{
    /// <summary>SQLite found a journal that must be rolled back, and may not.</summary>
    public const int ReadOnlyRollback = raw.SQLITE_READONLY | (3 << 8);

    public static OperatorException Missing(string path) => new(
        FailureKind.Failed,
        $"There is no database at {path}.",
        "Check the path and the mount: the sidecar must see the file under this path. The app creates it when it first starts.");

    public static OperatorException NotAFile(string path) => new(
        FailureKind.Failed, $"{path} is not a regular file.", "Name the database file itself, not its directory or a device.");

    public static OperatorException MountedAlone(string path) => new(
        FailureKind.UnsafeEnvironment,
        $"{path} is mounted as a single file: the -wal or -journal that the app keeps beside it cannot be seen from here, so that commits would be missed.",
        "Mount the directory that holds the database, in the app and in the sidecar.");

    public static OperatorException LogElsewhere(string path, uint names) => new(
        FailureKind.UnsafeEnvironment,
        $"{path} is in WAL mode without a -wal and is one of {names} names of the same file: an app that opened it under another name keeps its -wal there, so that commits would be missed.",
        "Name the path that the app uses while it runs, or remove the other hard link (find -samefile).");

    public static OperatorException JournalElsewhere(string path, uint names) => new(
        FailureKind.UnsafeEnvironment,
        $"{path} has a rollback journal and is one of {names} names of the same file: if an app that opened it under another name was interrupted, its journal lies there, and half a transaction would be read.",
        "Remove the other hard link (find -samefile shows it), or make it a copy.");

    /// <param name="refused">The database, a file beside it or a directory above it.</param>
    /// <param name="use">What was tried with it: "read" or "searched".</param>
    public static OperatorException Refused(string path, string refused, string use, NativeFile.StatxBuffer stat) => new(
        FailureKind.Failed,
        $"{path} cannot be read{(refused == path ? "" : $", since {refused} cannot be {use}")} by uid {ProcessUser.Id} and gid {NativeFile.GroupId()}: it belongs to uid {stat.Owner} and gid {stat.Group} with mode {stat.Permissions}.",
        $"Run the sidecar with the app's user (--user {stat.Owner}:{stat.Group}; in Kubernetes runAsUser and runAsGroup), or give both a common group for which the app's files are readable and writable (umask 007).");

    public static OperatorException NotADatabase(string path, string found) => new(
        FailureKind.Failed,
        $"{path} is not a SQLite database: {found}.",
        "Check the path. An encrypted (SQLCipher, SEE) database cannot be read. If this file was a database, it is damaged: restore it from a backup.");

    public static OperatorException Truncated(string path, uint pagesInHeader, uint pagesInFile) => new(
        FailureKind.Failed,
        $"{path} is damaged: its header says {pagesInHeader} pages, the file holds {pagesInFile}.",
        "Restore it from a backup (restore --overwrite); keep the damaged file for a rescue attempt with sqlite3 .recover.");

    public static OperatorException NeedsRecovery(string path, string reason) => new(
        FailureKind.Failed,
        $"{path} must first be recovered by its app: {reason}.",
        "Start the app, or open the database once with its own SQLite; the next backup then works. Nothing was changed.");

    public static OperatorException StayedLocked(string path, TimeSpan waited) => new(
        FailureKind.DatabaseInUse,
        $"{path} stayed locked for {waited.TotalSeconds:0.#} s: another process holds it exclusively.",
        "Look for a long write transaction or for PRAGMA locking_mode=EXCLUSIVE in the app; an exclusive database can only be backed up while the app is stopped.");

    public static OperatorException NotWritable(string path) => new(
        FailureKind.Failed,
        $"{path} is not writable for the sidecar, so that it cannot copy the log into it.",
        "Run the sidecar under the app's uid, or go back to \"mode\": \"observe\".");

    public static OperatorException KeptChanging(string path, int attempts, ImageChangedException last) => new(
        FailureKind.Failed,
        $"{path} could not be read in one state after {attempts} attempts: {last.Message}.",
        "Back up again when the app has finished starting, stopping or replacing the file.",
        last);

    public static OperatorException WalTooLong(string path, uint frames, uint framesMax) => new(
        FailureKind.Failed,
        $"The write-ahead log of {path} holds {frames} frames; at most {framesMax} can be read.",
        "The app's checkpoints do not finish: look for a reader that never ends, then run PRAGMA wal_checkpoint(TRUNCATE) in the app.");

    public static OperatorException ReadFailed(string name, long offset, int code) => new(
        FailureKind.Failed,
        $"Reading {name} at offset {offset} failed: {Text(code)}.",
        "Check the disk and its mount (dmesg, file system check). The repository was not changed.");

    public static OperatorException LockFailed(string name, int code) => new(
        FailureKind.Failed,
        $"Locking {name} failed: {Text(code)}.",
        "Check that the file system supports POSIX locks (network file systems often do not).");

    public static OperatorException HandleMissing(string name, int code) => new(
        FailureKind.Failed, $"SQLite gave no handle for {name}: {Text(code)}.", "Try again; if it stays, report it with the SQLite version of the app.");

    public static OperatorException OutsideImage(string path, uint page, uint pageCount) => new(
        FailureKind.Failed, $"Page {page} of {path} was asked for, which has {pageCount} pages.", "This is a mistake in this program; please report it.");

    public static OperatorException FromSqlite(string path, string step, int code) => (code & 0xff) switch
    {
        _ when code == ReadOnlyRollback => NeedsRecovery(path, "a transaction was interrupted and its rollback journal is still there (SQLite error 776)"),
        raw.SQLITE_BUSY => new OperatorException(
            FailureKind.DatabaseInUse,
            $"{path} is locked by another process ({step}).",
            "Look for a long write transaction or for PRAGMA locking_mode=EXCLUSIVE in the app, then try again."),
        raw.SQLITE_NOTADB => NotADatabase(path, "SQLite does not recognise its header"),
        raw.SQLITE_CORRUPT => new OperatorException(
            FailureKind.Failed,
            $"{path} is damaged: {Text(code)} ({step}).",
            "Restore it from a backup (restore --overwrite); keep the damaged file for a rescue attempt with sqlite3 .recover."),
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH or raw.SQLITE_READONLY => AccessRefusal.Find(path) ?? new OperatorException(
            FailureKind.Failed,
            $"{path} cannot be opened: {Text(code)} ({step}).",
            "The sidecar needs read permission on the file, and on a database in WAL mode read and write permission on its -wal and -shm: run it under the app's uid, or give both a common group."),
        _ => new OperatorException(
            FailureKind.Failed, $"{path}: SQLite says {Text(code)} ({step}).", "Check the disk and its mount. The repository was not changed."),
    };

    private static string Text(int code) => $"{raw.sqlite3_errstr(code).utf8_to_string()} ({code})";
}
