using Microsoft.Data.Sqlite;

namespace BackupSidecar.Tests.Source;

/// <summary>What SQLite itself makes of a database and a write-ahead log that were left behind.</summary>
internal static class SqliteView
{
    private static readonly int[] PageSizes = [512, 1024, 4096, 65536];

    /// <summary>Lets SQLite recover the log and merge it into the database.</summary>
    /// <returns>All pages, or null if SQLite refuses these files.</returns>
    public static byte[]? TryRecover(DatabaseFiles files, string path)
    {
        files.WriteTo(path);
        try
        {
            long pageCount;
            long pageSizeBytes;
            using (var connection = Open(path))
            {
                // The first one reads: before that SQLite names the page size that it guesses from the file.
                pageCount = Query(connection, "PRAGMA page_count");
                pageSizeBytes = Query(connection, "PRAGMA page_size");
                if (Query(connection, "PRAGMA synchronous=OFF; PRAGMA wal_checkpoint(TRUNCATE)") != 0)
                {
                    throw new InvalidOperationException("The checkpoint of files that nobody else has open was busy.");
                }
            }

            var pages = new byte[pageCount * pageSizeBytes];
            var bytes = File.ReadAllBytes(path);
            bytes.AsSpan(0, Math.Min(bytes.Length, pages.Length)).CopyTo(pages);
            return pages;
        }
        catch (SqliteException)
        {
            return null;
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + "-wal");
            File.Delete(path + "-shm");
        }
    }

    /// <summary>Databases with logs as applications leave them: each after another history, in several page sizes.</summary>
    public static List<DatabaseFiles> Histories(string directory) =>
        [.. PageSizes.SelectMany(pageSizeBytes => HistoriesOf(pageSizeBytes, Path.Join(directory, $"history-{pageSizeBytes}.db")))];

    /// <summary>One page, no table, and a header that leaves the page count to the file or the log: so that a log may say anything.</summary>
    public static byte[] EmptyDatabase(int pageSizeBytes, string path)
    {
        using (var connection = Open(path))
        {
            Execute(connection, $"PRAGMA page_size={pageSizeBytes}; PRAGMA journal_mode=WAL; PRAGMA user_version=1; PRAGMA wal_checkpoint(TRUNCATE)");
        }

        var bytes = File.ReadAllBytes(path);
        bytes[95] ^= 0xff;
        return bytes;
    }

    private static IEnumerable<DatabaseFiles> HistoriesOf(int pageSizeBytes, string path)
    {
        using var connection = Open(path);
        Execute(
            connection,
            $"PRAGMA page_size={pageSizeBytes}; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=OFF;"
            + "CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB); PRAGMA wal_checkpoint(TRUNCATE)");
        Execute(connection, Insert(12, pageSizeBytes));
        Execute(connection, "UPDATE t SET body = randomblob(length(body)) WHERE id % 3 = 0");
        yield return DatabaseFiles.Of(path);

        // Half of it in the database, all of it in the log.
        Execute(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        yield return DatabaseFiles.Of(path);

        // The log begins anew, and what it held before still stands behind its end.
        Execute(connection, "PRAGMA wal_checkpoint(RESTART)");
        Execute(connection, "UPDATE t SET body = zeroblob(20) WHERE id = 5");
        yield return DatabaseFiles.Of(path);

        // A transaction that did not fit into the cache left frames behind that were never committed.
        Execute(connection, "PRAGMA cache_size=2; PRAGMA cache_spill=1");
        Execute(connection, $"BEGIN; {Insert(30, pageSizeBytes)}; UPDATE t SET body = randomblob(length(body)); ROLLBACK");
        yield return DatabaseFiles.Of(path);

        Execute(connection, "DELETE FROM t WHERE id > 4");
        Execute(connection, "PRAGMA incremental_vacuum");
        yield return DatabaseFiles.Of(path);
    }

    private static string Insert(int rows, int pageSizeBytes) =>
        $"WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO t(body) SELECT randomblob({Math.Min(pageSizeBytes, 8000)}) FROM n";

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static long Query(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are those of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
