using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;

namespace BackupSidecar.Cli;

/// <summary>From what a person wrote after --repository to an open repository; and where local state lies by default.</summary>
internal static class RepositoryLocation
{
    private const string StateDirectoryName = "backup-sidecar";

    public static ValueTask<IRepositoryReader> OpenForReadingAsync(string location, CancellationToken ct) =>
        BackupRepository.OpenForReadingAsync(new FileSystemStore(location), ct);

    /// <summary>Opens a repository, and makes one of an empty or missing directory.</summary>
    /// <param name="location">As it was written.</param>
    /// <param name="purpose">What the lock is for, in the words of the message that a second writer gets.</param>
    /// <param name="time">Says since when.</param>
    /// <param name="ct">Ends the wait.</param>
    public static ValueTask<BackupRepository> OpenForWritingAsync(string location, string purpose, TimeProvider time, CancellationToken ct) =>
        OpenForWritingAsync(location, purpose, createIfMissing: true, time, ct);

    public static ValueTask<BackupRepository> OpenForWritingAsync(string location, string purpose, bool createIfMissing, TimeProvider time, CancellationToken ct) =>
        OpenForWritingAsync(new FileSystemStore(location), purpose, createIfMissing, time, ct);

    public static ValueTask<BackupRepository> OpenForWritingAsync(IObjectStore store, string purpose, bool createIfMissing, TimeProvider time, CancellationToken ct) =>
        BackupRepository.OpenForWritingAsync(
            store,
            $"process {Environment.ProcessId} on {Environment.MachineName}, since {Output.RfcTime.Of(time.GetUtcNow())[..19]}Z: {purpose}",
            createIfMissing,
            time,
            ct);

    /// <summary>Where state goes that was given no place (XDG base directory specification: a relative path does not count).</summary>
    public static string StateDirectory(string? given, Func<string, string?> variable)
    {
        if (given is not null)
        {
            return given;
        }

        if (variable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state))
        {
            return Path.Join(state, StateDirectoryName);
        }

        return variable("HOME") is { Length: > 0 } home && Path.IsPathRooted(home)
            ? Path.Join(home, ".local", "state", StateDirectoryName)
            : throw new OperatorException(
                FailureKind.Failed,
                "There is no place for local state: neither XDG_STATE_HOME nor HOME is set to an absolute path.",
                "Name a directory with --state, not the database's own. Keep it between runs: without it every backup costs more.");
    }
}
