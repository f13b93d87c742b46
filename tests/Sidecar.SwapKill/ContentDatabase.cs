using SQLitePCL;

namespace BackupSidecar.SwapKill;

/// <summary>A database in which every row says whose content it is, so that a mixture of two shows.</summary>
/// <remarks>SQLite is called without a pool or a helper in between: what the process has open is exactly what is written here.</remarks>
internal static class ContentDatabase
{
    private const int FillerRows = 300;
    private const int FillerBytes = 400;

    static ContentDatabase() => Batteries_V2.Init();

    public static void Create(string path, string content, string journalMode)
    {
        using var database = Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, busyMs: 0);
        Execute(database, $"PRAGMA journal_mode={journalMode}");
        Execute(database, "CREATE TABLE rows(id INTEGER PRIMARY KEY, content TEXT, filler BLOB); CREATE INDEX rows_by_content ON rows(content, filler)");
        Execute(database, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {FillerRows}) INSERT INTO rows(content, filler) SELECT '{content}', randomblob({FillerBytes}) FROM n");
    }

    public static sqlite3 Open(string path, int flags, int busyMs)
    {
        var result = raw.sqlite3_open_v2(path, out var database, flags, vfs: null);
        if (result != raw.SQLITE_OK)
        {
            throw new InvalidOperationException($"Cannot open '{path}': {result}.");
        }

        raw.sqlite3_busy_timeout(database, busyMs);
        return database;
    }

    /// <summary>Adds rows of the content that it finds. "busy" and the like are answers.</summary>
    public static string AddRows(sqlite3 database, int count)
    {
        var result = Begin(database);
        if (result != raw.SQLITE_OK)
        {
            return Describe(database, result);
        }

        var seen = Check(database);
        if (seen.Contains(' ', StringComparison.Ordinal))
        {
            return seen;
        }

        result = raw.sqlite3_exec(database, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) INSERT INTO rows(content, filler) SELECT '{seen}', randomblob({FillerBytes}) FROM n; COMMIT");
        return result == raw.SQLITE_OK ? seen : Describe(database, result);
    }

    /// <summary>Whose content it is, after SQLite's own check; two words or more are a finding.</summary>
    public static string Check(sqlite3 database)
    {
        var content = Query(database, "SELECT group_concat(DISTINCT content) FROM rows NOT INDEXED");
        if (content is "old" or "new")
        {
            var integrity = Query(database, "PRAGMA integrity_check");
            return integrity == "ok" ? content : integrity == "busy" ? "busy" : $"MIXTURE integrity: {integrity}";
        }

        return content == "busy" ? content : $"MIXTURE content: {content}";
    }

    /// <summary>
    /// A lock of an open file description outlives its close for as long as a child that was just forked, by a test that runs at the same time, has not begun its program.
    /// </summary>
    private const int ForkedChildMs = 5000;

    /// <summary>As <see cref="Check"/>, of a file that nobody else uses.</summary>
    public static string CheckFile(string path)
    {
        using var database = Open(path, raw.SQLITE_OPEN_READWRITE, busyMs: ForkedChildMs);
        return Check(database);
    }

    public static long CountRows(string path)
    {
        using var database = Open(path, raw.SQLITE_OPEN_READWRITE, busyMs: ForkedChildMs);
        return long.Parse(Query(database, "SELECT count(*) FROM rows"), System.Globalization.CultureInfo.InvariantCulture);
    }

    public static string Query(sqlite3 database, string sql)
    {
        var result = raw.sqlite3_prepare_v2(database, sql, out var statement);
        using (statement)
        {
            if (result == raw.SQLITE_OK)
            {
                result = raw.sqlite3_step(statement);
            }

            return result == raw.SQLITE_ROW ? raw.sqlite3_column_text(statement, 0).utf8_to_string() ?? "null" : Describe(database, result);
        }
    }

    public static void Execute(sqlite3 database, string sql)
    {
        var result = raw.sqlite3_exec(database, sql);
        if (result != raw.SQLITE_OK)
        {
            throw new InvalidOperationException($"{sql}: {Describe(database, result)}");
        }
    }

    private static int Begin(sqlite3 database) => raw.sqlite3_exec(database, "BEGIN IMMEDIATE");

    private static string Describe(sqlite3 database, int result) =>
        (result & 0xff) is raw.SQLITE_BUSY or raw.SQLITE_PROTOCOL
            ? "busy"
            : $"error {raw.sqlite3_extended_errcode(database)} {raw.sqlite3_errmsg(database).utf8_to_string()}";
}
