using System.Globalization;
using Microsoft.Data.Sqlite;

namespace BackupSidecar.Cli.Demo;

/// <summary>The scratch database of the demonstration: accounts, the transfers between them, and documents that never change.</summary>
/// <remarks>
/// What a whole copy of it must satisfy, whenever it was taken: no money appears or vanishes, and each balance is what the transfers say.
/// A copy with pages of two moments breaks that.
/// </remarks>
internal static class DemoDatabase
{
    public const int Accounts = 1000;
    private const int StartBalance = 1000;
    private const int Documents = 12_000;

    private static readonly string Check = $"""
        SELECT (SELECT sum(balance) FROM account) = {Accounts} * {StartBalance}
           AND NOT EXISTS (
               SELECT 1 FROM account a WHERE balance <> {StartBalance}
                   + (SELECT ifnull(sum(amount), 0) FROM transfer WHERE target = a.id)
                   - (SELECT ifnull(sum(amount), 0) FROM transfer WHERE source = a.id))
        """;

    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 20 }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>About 20 MB, in WAL mode.</summary>
    public static void Create(SqliteConnection connection)
    {
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
        using var transaction = connection.BeginTransaction();
        Execute(
            connection,
            $"""
            CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
            CREATE TABLE document (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body BLOB NOT NULL);
            CREATE INDEX document_title ON document (title);
            CREATE TABLE transfer (id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES account, target INTEGER NOT NULL REFERENCES account, amount INTEGER NOT NULL);
            CREATE INDEX transfer_source ON transfer (source);
            CREATE INDEX transfer_target ON transfer (target);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Accounts}) INSERT INTO account SELECT i, {StartBalance} FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Documents})
                INSERT INTO document SELECT i, 'Document ' || i, 'A document of the demonstration, number ' || i || ': ' || hex(randomblob(300)) || randomblob(600) FROM n;
            """);
        transaction.Commit();
        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    public static void Transfer(SqliteConnection connection, Random random)
    {
        var (source, target, amount) = (random.Next(1, Accounts + 1), random.Next(1, Accounts + 1), random.Next(1, 100));
        Execute(
            connection,
            $"""
            BEGIN IMMEDIATE;
            UPDATE account SET balance = balance - {amount} WHERE id = {source};
            UPDATE account SET balance = balance + {amount} WHERE id = {target};
            INSERT INTO transfer (source, target, amount) VALUES ({source}, {target}, {amount});
            COMMIT
            """);
    }

    /// <returns>What SQLite finds; "ok" if nothing.</returns>
    public static string IntegrityOf(string path)
    {
        try
        {
            using var connection = Open(path);
            return Convert.ToString(Scalar(connection, "PRAGMA integrity_check(1)"), CultureInfo.InvariantCulture)!.ReplaceLineEndings(" ");
        }
        catch (SqliteException e)
        {
            return e.Message;
        }
    }

    public static long TransfersIn(string path)
    {
        using var connection = Open(path);
        return (long)Scalar(connection, "SELECT count(*) FROM transfer");
    }

    public static bool IsBalanced(string path)
    {
        using var connection = Open(path);
        return (long)Scalar(connection, Check) == 1;
    }

    private static object Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }
}
