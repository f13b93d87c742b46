using BackupSidecar.Primitives;
using BackupSidecar.Source;
using SQLitePCL;

namespace BackupSidecar.Restore.Swap;

/// <summary>Lets SQLite bring everything that was committed into the database file itself: hot journal rolled back, log checkpointed and emptied.</summary>
/// <remarks>
/// Nobody else may use the database meanwhile: with <c>locking_mode=EXCLUSIVE</c> set before the first access a WAL connection takes the exclusive
/// lock on the file, so that every attached process makes it fail, and keeps its index in memory: no <c>-shm</c> appears.
/// The connection never removes a <c>-wal</c> when it closes.
/// It ends before any name changes: closing it later could touch names that belong to the new database by then.
/// No part of this process may have the database open: closing the connection would drop the other part's locks.
/// </remarks>
internal static class OldDatabaseRecovery
{
    private const int NoCheckpointOnClose = 1006;

    public static OldDatabaseRecoveryOutcome Run(string path)
    {
        SqliteRuntime.EnsureLoaded();
        var result = raw.sqlite3_open_v2(path, out var database, raw.SQLITE_OPEN_READWRITE, vfs: null);
        using (database)
        {
            if (result == raw.SQLITE_OK)
            {
                result = Recover(database);
            }

            return (result & 0xff) switch
            {
                raw.SQLITE_OK => OldDatabaseRecoveryOutcome.Recovered,
                raw.SQLITE_BUSY or raw.SQLITE_PROTOCOL => OldDatabaseRecoveryOutcome.Busy,
                raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => OldDatabaseRecoveryOutcome.Unreadable,
                _ => throw new OperatorException(
                    FailureKind.Failed,
                    $"Cannot recover the old database '{path}' before it is kept as the safety copy: {raw.sqlite3_errstr(result).utf8_to_string()} (SQLite {result}).",
                    "Nothing was replaced. Give this process read and write access to the database and the files beside it."),
            };
        }
    }

    private static int Recover(sqlite3 database)
    {
        var result = raw.sqlite3_db_config(database, NoCheckpointOnClose, 1, out _);
        foreach (var statement in (ReadOnlySpan<string>)["PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE", "COMMIT"])
        {
            result = result == raw.SQLITE_OK ? raw.sqlite3_exec(database, statement) : result;
        }

        if (result == raw.SQLITE_OK)
        {
            // The interface, not the pragma: the pragma parses the schema first, which may be damaged in a database that is whole otherwise.
            // A rollback-journal database has no log: that is no failure.
            result = raw.sqlite3_wal_checkpoint_v2(database, dbName: null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
        }

        return result == raw.SQLITE_OK ? result : raw.sqlite3_extended_errcode(database);
    }
}
