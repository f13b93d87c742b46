using BackupSidecar.Primitives;
using SQLitePCL;

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
    private const int ReadOnlyRecovery = raw.SQLITE_READONLY | (1 << 8);
    private const int ReadOnlyCantInit = raw.SQLITE_READONLY | (5 << 8);

    /// <summary>A little over a millisecond each, and more on a busy machine.</summary>
    private static readonly int LockAttemptsMax = (int)SqliteReadConnection.BusyWaitMax.TotalMilliseconds;

    /// <summary>About a millisecond each.</summary>
    private const int OpeningAttemptsMax = 500;

    /// <param name="hold">Rollback journal only: keep the shared lock over the whole read.</param>
    /// <param name="time">Measures how long the database is held.</param>
    /// <exception cref="ImageChangedException">The database changed under the choice; try again.</exception>
    /// <exception cref="OperatorException">It cannot be read.</exception>
    public static IDatabaseImage OpenImage(SourceFile source, bool hold, TimeProvider time)
    {
        var connection = SqliteReadConnection.Open(source.Path);
        try
        {
            if (!TryLockShared(connection))
            {
                throw SourceErrors.StayedLocked(source.Path, SqliteReadConnection.BusyWaitMax);
            }

            source.EnsureSameFile();
            var (hasWal, hasShm) = (source.HasWal, source.HasShm);
            var isEmpty = connection.Database.Length == 0;
            var isWal = hasWal || (!isEmpty && ReadHeader(source, connection).IsWal);
            if (isEmpty && hasWal && hasShm && IsLogEmpty(source))
            {
                throw SourceErrors.NeedsRecovery(source.Path, "the file is empty and so is its -wal, although its -shm is there, so that a commit in between could not be seen");
            }

            if (isEmpty || isWal != (hasWal && hasShm))
            {
                return new DormantImage(source, connection, hasWal, hasShm);
            }

            if (!hasWal)
            {
                return new RollbackImage(source, connection, hold, time);
            }

            for (var wait = new SpinWait(); !CanAttach(source, connection); wait.SpinOnce(sleep1Threshold: 20))
            {
                // The refused SELECT let go of SHARED.
                if (!TryLockShared(connection))
                {
                    throw SourceErrors.StayedLocked(source.Path, SqliteReadConnection.BusyWaitMax);
                }

                // An app that opens the database makes an empty -wal, and for a moment a -shm that is not yet valid: that one is waited for.
                (hasWal, hasShm) = (source.HasWal, source.HasShm);
                var isOpening = hasWal && hasShm && IsLogEmpty(source);
                if (!isOpening)
                {
                    return new DormantImage(source, connection, hasWal, hasShm);
                }

                if (wait.Count == OpeningAttemptsMax)
                {
                    throw SourceErrors.NeedsRecovery(source.Path, "its -wal is empty and its -shm is not writable for the sidecar, so that a commit in between could not be seen");
                }
            }

            return new LiveWalImage(source, connection, ownsConnection: true);
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

    /// <summary>Waits for a commit that is just going on, about as long as SQLite's own busy wait: <see cref="SqliteReadConnection.BusyWaitMax"/>.</summary>
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

    private static bool IsLogEmpty(SourceFile source) => !DormantWal.StartsWithNonZero(source.Path + SourceFile.WalSuffix);

    /// <summary>False if the -shm is not writable for us and no app keeps it valid: SQLite then refuses to read.</summary>
    /// <exception cref="OperatorException">It stays locked, as by a recovery that does not end.</exception>
    internal static bool CanAttach(SourceFile source, SqliteReadConnection connection)
    {
        var code = connection.TryExecute("SELECT 1 FROM sqlite_schema LIMIT 1");
        return (code & 0xff) == raw.SQLITE_BUSY
            ? throw SourceErrors.StayedLocked(source.Path, SqliteReadConnection.BusyWaitMax)
            : code is not (ReadOnlyRecovery or ReadOnlyCantInit);
    }

    internal static DatabaseHeader ReadHeader(SourceFile source, SqliteReadConnection connection) =>
        TryReadHeader(source, connection, out var header, out var found) ? header : throw SourceErrors.NotADatabase(source.Path, found);

    /// <summary>The header in the file; if that is torn, as a checkpoint leaves it that a power loss cut off, the one that the log holds: SQLite goes on with it.</summary>
    internal static bool TryReadHeader(SourceFile source, SqliteReadConnection connection, out DatabaseHeader header, out string found)
    {
        Span<byte> bytes = stackalloc byte[DatabaseHeader.Size];
        _ = connection.Database.TryRead(0, bytes);
        if (DatabaseHeader.TryParse(bytes, out header, out found))
        {
            // What a read past the end leaves is zero, and a header that was cut short says nothing of its page count.
            found = $"it is cut off after {connection.Database.Length} bytes, within its first page of {header.PageSizeBytes}";
            return connection.Database.Length >= header.PageSizeBytes || source.HasWal;
        }

        using var wal = DormantWal.TryOpen(source.Path + SourceFile.WalSuffix);
        if (wal is { LastFrame: > 0 })
        {
            found += ", and its write-ahead log does not hold the first page";
        }

        return wal is not null && wal.TryReadDatabaseHeader(bytes) && DatabaseHeader.TryParse(bytes, out header, out _);
    }
}
