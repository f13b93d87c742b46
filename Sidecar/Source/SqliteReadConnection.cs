using BackupSidecar.Primitives;
using SQLitePCL;

namespace BackupSidecar.Source;

/// <summary>A read-only connection that never checkpoints, never recovers a rollback journal and never removes a file.</summary>
/// <remarks>Opening takes no lock and reads only the header. SQL runs only after <see cref="SourceDatabase"/> has made sure that it creates no file.</remarks>
internal sealed class SqliteReadConnection : IDisposable
{
    /// <summary>How long a step waits for a writer that is just committing.</summary>
    public static readonly TimeSpan BusyWaitMax = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly sqlite3 _connection;

    private SqliteReadConnection(string path, sqlite3 connection)
    {
        _path = path;
        _connection = connection;
        Database = SqliteFile.OfDatabase(connection, path);
    }

    public SqliteFile Database { get; }

    public static SqliteReadConnection Open(string path)
    {
        SqliteRuntime.EnsureLoaded();
        var code = raw.sqlite3_open_v2(path, out var connection, raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_FULLMUTEX, vfs: null);
        try
        {
            Check(path, "open", code);
            _ = raw.sqlite3_extended_result_codes(connection, 1);
            _ = raw.sqlite3_busy_timeout(connection, (int)BusyWaitMax.TotalMilliseconds);
            Check(path, "configure", raw.sqlite3_db_config(connection, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _));
            return new SqliteReadConnection(path, connection);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>The write-ahead log, inside a transaction that has read.</summary>
    public SqliteFile Wal() => SqliteFile.OfWal(_connection, _path);

    public void Execute(string step, string sql) => Check(_path, step, raw.sqlite3_exec(_connection, sql), _connection);

    public int TryExecute(string sql)
    {
        var code = raw.sqlite3_exec(_connection, sql);
        return code == raw.SQLITE_OK ? code : raw.sqlite3_extended_errcode(_connection);
    }

    public long QueryInteger(string step, string sql)
    {
        Check(_path, step, raw.sqlite3_prepare_v2(_connection, sql, out var statement), _connection);
        using (statement)
        {
            var code = raw.sqlite3_step(statement);
            return code == raw.SQLITE_ROW
                ? raw.sqlite3_column_int64(statement, 0)
                : throw SourceErrors.FromSqlite(_path, step, raw.sqlite3_extended_errcode(_connection));
        }
    }

    /// <returns>The index header that the read transaction sees; null if the log is empty, so that there is no frame to name.</returns>
    public unsafe WalIndexHeader? TryGetSnapshot()
    {
        var code = raw.sqlite3_snapshot_get(_connection, "main", out var snapshot);
        if (code != raw.SQLITE_OK)
        {
            return code == raw.SQLITE_ERROR ? null : throw SourceErrors.FromSqlite(_path, "pin the snapshot", code);
        }

        using (snapshot)
        {
            var bytes = new ReadOnlySpan<byte>((void*)snapshot.DangerousGetHandle(), WalIndexHeader.Size);
            return WalIndexHeader.TryParse(bytes, out var header) ? header : throw new ImageChangedException("the snapshot of the read transaction is no index header");
        }
    }

    public void Dispose() => _connection.Dispose();

    private static void Check(string path, string step, int code, sqlite3? connection = null)
    {
        if (code != raw.SQLITE_OK)
        {
            throw SourceErrors.FromSqlite(path, step, connection is null ? code : raw.sqlite3_extended_errcode(connection));
        }
    }
}
