using BackupSidecar.Primitives;
using SQLitePCL;

namespace BackupSidecar.Source;

/// <summary>Copies a log into its database by passive checkpoints, beside an app. Only with the user's consent: this is the one thing of this program that writes to a database in use.</summary>
/// <remarks>
/// Two read-write connections: one copies, since a connection cannot checkpoint within its own transaction; the other keeps writers away for the end of the log. Both
/// are opened while <see cref="AttachedDatabase"/> keeps the log and its index the files that they are, and write nothing else.
/// Needs an app whose SQLite does not have the fault of <see cref="SqliteVersion.HasCheckpointBug"/>. Used by one thread at a time; <see cref="Interrupt"/> from any.
/// </remarks>
internal sealed class LogCheckpointer : IDisposable
{
    /// <summary>How long it is waited for a transaction of the app that writes.</summary>
    private static readonly TimeSpan WriterWaitMax = TimeSpan.FromMilliseconds(200);

    private readonly string _path;
    private readonly sqlite3 _copying;
    private readonly sqlite3 _holding;
    private readonly WalIndex _index;

    private LogCheckpointer(string path, sqlite3 copying, sqlite3 holding, WalIndex index)
    {
        _path = path;
        _copying = copying;
        _holding = holding;
        _index = index;
    }

    /// <param name="database">Attached, for as long as this is used.</param>
    /// <exception cref="OperatorException">It is not writable, or cannot be opened.</exception>
    /// <exception cref="ImageChangedException">The path names other files by now.</exception>
    public static LogCheckpointer Open(AttachedDatabase database)
    {
        var path = database.Source.Path;
        sqlite3? copying = null;
        sqlite3? holding = null;
        try
        {
            copying = OpenConnection(path);
            holding = OpenConnection(path);

            // Before any SQL: on other files it could create a log.
            if (!database.AreFilesTheSame())
            {
                throw new ImageChangedException("the file was replaced while it was opened");
            }

            Check(path, "open the write-ahead log", raw.sqlite3_exec(copying, "SELECT 1 FROM sqlite_schema LIMIT 1"), copying);
            var index = WalIndex.TryOpen(SqliteFile.OfDatabase(copying, path)) ?? throw new ImageChangedException("the log has no index");
            return new LogCheckpointer(path, copying, holding, index);
        }
        catch
        {
            copying?.Dispose();
            holding?.Dispose();
            throw;
        }
    }

    /// <summary>Frames of the log that are not copied yet; null while a commit is just going on.</summary>
    public uint? FramesToCopy() => _index.TryRead(out var log) ? log.LastFrame - Math.Min(_index.CopiedFrames, log.LastFrame) : null;

    /// <summary>Copies what can be copied without waiting for anybody. What a reader still needs stays; so does everything, if somebody else is copying.</summary>
    /// <exception cref="OperatorException">The disk is full, or fails.</exception>
    public void Copy()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_copying, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        if ((code & 0xff) is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_INTERRUPT))
        {
            Check(_path, "copy the log into the database", code, _copying);
        }
    }

    /// <summary>Keeps every writer away until <see cref="LetWritersGo"/>.</summary>
    /// <returns>False if one is at work for longer than it is waited.</returns>
    public bool TryHoldWriters()
    {
        var code = raw.sqlite3_exec(_holding, "BEGIN IMMEDIATE");
        if ((code & 0xff) is raw.SQLITE_BUSY or raw.SQLITE_INTERRUPT)
        {
            return false;
        }

        Check(_path, "keep writers away", code, _holding);
        return true;
    }

    public void LetWritersGo() => Check(_path, "let writers go", raw.sqlite3_exec(_holding, "ROLLBACK"), _holding);

    /// <summary>Ends a copying that goes on, soon.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(_copying);

    public void Dispose()
    {
        _holding.Dispose();
        _copying.Dispose();
    }

    private static sqlite3 OpenConnection(string path)
    {
        SqliteRuntime.EnsureLoaded();
        var code = raw.sqlite3_open_v2(path, out var connection, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_FULLMUTEX, vfs: null);
        try
        {
            Check(path, "open for checkpoints", code, connection: null);
            _ = raw.sqlite3_extended_result_codes(connection, 1);
            _ = raw.sqlite3_busy_timeout(connection, (int)WriterWaitMax.TotalMilliseconds);
            Check(path, "configure", raw.sqlite3_db_config(connection, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _), connection);
            return raw.sqlite3_db_readonly(connection, "main") == 0 ? connection : throw SourceErrors.NotWritable(path);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    private static void Check(string path, string step, int code, sqlite3? connection)
    {
        if (code != raw.SQLITE_OK)
        {
            throw SourceErrors.FromSqlite(path, step, connection is null ? code : raw.sqlite3_extended_errcode(connection));
        }
    }
}
