using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>Opens one consistent image of a live database. Start reading the room here.</summary>
/// <remarks>
/// (1) Open read-only: SQLite opens the file and reads 100 bytes; no lock, no SQL.
/// (2) Take SHARED on SQLite's own handle. From here on nobody can remove the -wal or change the journal mode, so that what is seen next stays true.
/// (3) Choose: -wal and -shm are there → read transaction (<see cref="LiveWalImage"/>); WAL mode without them, or an empty file →
///     no SQL at all, since that would create them (<see cref="DormantImage"/>); else <see cref="RollbackImage"/>.
/// </remarks>
internal static class SourceDatabase
{
    /// <summary>About a millisecond each: as long as SQLite's own busy wait, <see cref="SqliteReadConnection.BusyWaitMax"/>.</summary>
    private const int LockAttemptsMax = 5000;
    private const int ReadOnlyRecovery = 8 | (1 << 8);
    private const int ReadOnlyCantInit = 8 | (5 << 8);

    /// <param name="hold">Rollback journal only: keep the shared lock over the whole read.</param>
    /// <exception cref="ImageChangedException">The database changed under the choice; try again.</exception>
    /// <exception cref="OperatorException">It cannot be read.</exception>
    public static IDatabaseImage OpenImage(SourceFile source, bool hold)
    {
        var connection = SqliteReadConnection.Open(source.Path);
        try
        {
            if (!TryLockShared(connection))
            {
                throw SourceErrors.StayedLocked(source.Path, SqliteReadConnection.BusyWaitMax);
            }

            source.EnsureSameFile();
            var hasWal = source.HasWal;
            var length = connection.Database.Length;
            var isWal = length > 0 && ReadHeader(source, connection).IsWal;
            if (length == 0 || (isWal || hasWal) != (hasWal && source.HasShm))
            {
                return new DormantImage(source, connection);
            }

            if (!hasWal)
            {
                return new RollbackImage(source, connection, hold);
            }

            if (CanAttach(connection))
            {
                return new LiveWalImage(source, connection, ownsConnection: true);
            }

            // The refused SELECT let go of SHARED.
            return TryLockShared(connection)
                ? new DormantImage(source, connection)
                : throw SourceErrors.StayedLocked(source.Path, SqliteReadConnection.BusyWaitMax);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A look at the header, before anything is done for this file.</summary>
    /// <exception cref="OperatorException">It cannot be opened, or is no database.</exception>
    public static void EnsureIsDatabase(SourceFile source)
    {
        using var connection = SqliteReadConnection.Open(source.Path);
        if (connection.Database.Length > 0)
        {
            _ = ReadHeader(source, connection);
        }
    }

    /// <summary>Waits a bounded time for a commit that is just going on.</summary>
    internal static bool TryLockShared(SqliteReadConnection connection)
    {
        var wait = new SpinWait();
        for (var attempt = 0; !connection.Database.TryLockShared(); attempt++)
        {
            if (attempt == LockAttemptsMax)
            {
                return false;
            }

            // Past the first spins each one sleeps a millisecond.
            wait.SpinOnce(sleep1Threshold: 20);
        }

        return true;
    }

    /// <summary>False if the -shm is not writable for us and no app keeps it valid: SQLite then refuses to read.</summary>
    internal static bool CanAttach(SqliteReadConnection connection) =>
        connection.TryExecute("SELECT 1 FROM sqlite_schema LIMIT 1") is not (ReadOnlyRecovery or ReadOnlyCantInit);

    internal static DatabaseHeader ReadHeader(SourceFile source, SqliteReadConnection connection)
    {
        Span<byte> bytes = stackalloc byte[DatabaseHeader.Size];
        _ = connection.Database.TryRead(0, bytes);
        if (!DatabaseHeader.TryParse(bytes, out var header, out var found))
        {
            throw SourceErrors.NotADatabase(source.Path, found);
        }

        // What a read past the end leaves is zero, and a header that was cut short says nothing of its page count.
        return connection.Database.Length >= header.PageSizeBytes || source.HasWal
            ? header
            : throw SourceErrors.NotADatabase(source.Path, $"it is cut off after {connection.Database.Length} bytes, within its first page of {header.PageSizeBytes}");
    }
}
