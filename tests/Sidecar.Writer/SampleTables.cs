using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace BackupSidecar.Writer;

/// <summary>Tables whose every committed state can be told from a mixture of two: each transaction moves counters along with the rows.</summary>
/// <remarks>
/// <c>item.tag</c> is a hash of id and payload; <c>tally</c> holds the number of items, the sum of their lengths and the wrapping sum of their tags,
/// and the same of the balances. The balances of <c>account</c> also add up to zero. The index makes most changes touch pages far apart.
/// </remarks>
internal static class SampleTables
{
    public const string Schema =
        """
        CREATE TABLE IF NOT EXISTS tally(id INTEGER PRIMARY KEY, commits INTEGER NOT NULL, items INTEGER NOT NULL, bytes INTEGER NOT NULL, tags INTEGER NOT NULL, accounts INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS item(id INTEGER PRIMARY KEY, tag INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS item_tag ON item(tag, id);
        CREATE TABLE IF NOT EXISTS account(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
        INSERT OR IGNORE INTO tally VALUES(1, 0, 0, 0, 0, 0);
        INSERT OR IGNORE INTO account SELECT value, 0 FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 50) SELECT value FROM n);
        """;

    private const int AccountCount = 50;
    private const int PayloadLengthMax = 3000;

    /// <summary>One committed transaction: some inserts, updates, deletes and a transfer; a bulk delete when there are too many rows.</summary>
    /// <param name="rollBackPart">Begins with the work of a savepoint that is rolled back, large enough to leave its frames in a log behind a small cache.</param>
    public static void Change(SqliteConnection connection, Random random, int itemsMax, bool rollBackPart = false)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        if (rollBackPart)
        {
            Database.Execute(connection, "SAVEPOINT part");
            Overwrite(connection, random, Tally.Read(connection), steps: 30);
            Database.Execute(connection, "ROLLBACK TO part");
        }

        var tally = Tally.Read(connection);
        if (tally.Items > itemsMax)
        {
            tally = DeleteFrom(connection, tally, random.Next(), tally.Items / 2);
        }

        for (var steps = random.Next(1, 8); steps > 0; steps--)
        {
            tally = random.Next(10) switch
            {
                < 6 => Put(connection, random, tally, id: random.NextInt64(1, int.MaxValue)),
                < 8 => Put(connection, random, tally, FirstItemFrom(connection, random.Next())),
                _ => DeleteFrom(connection, tally, random.Next(), count: 2),
            };
        }

        tally = Transfer(connection, random, tally);
        (tally with { Commits = tally.Commits + 1 }).Write(connection);
        transaction.Commit();
    }

    /// <summary>A committed transaction of one page, and so of one frame in a log.</summary>
    public static void Touch(SqliteConnection connection) => Database.Execute(connection, "UPDATE tally SET commits = commits + 1");

    /// <summary>A transaction that stays open. With a small cache its frames stand in the log, and no commit frame behind them.</summary>
    public static void Begin(SqliteConnection connection, Random random)
    {
        Database.Execute(connection, "BEGIN IMMEDIATE");
        var tally = Overwrite(connection, random, Tally.Read(connection), steps: 30);
        (tally with { Commits = tally.Commits + 1 }).Write(connection);
    }

    /// <summary>Checks a database that nobody writes. Returns the number of commits it holds; fails if it is not one committed state.</summary>
    public static long Validate(string path)
    {
        using var connection = Database.Open(path);
        return Validate(connection, path);
    }

    /// <summary>The same in one read transaction of an open connection, beside whoever writes.</summary>
    public static long Validate(SqliteConnection connection, string path)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        var integrity = Database.Scalar(connection, "PRAGMA integrity_check(5)");
        Expect(integrity == "ok", $"integrity_check of {path} says: {integrity}");
        var tally = Tally.Read(connection);
        Expect(Database.Scalar(connection, "SELECT sum(balance) FROM account") == "0", "The balances do not add up to zero.");

        long items = 0, bytes = 0, tags = 0;
        using (var command = Database.Command(connection, "SELECT id, tag, payload FROM item NOT INDEXED"))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                var payload = reader.GetFieldValue<byte[]>(2);
                Expect(TagOf(reader.GetInt64(0), payload) == reader.GetInt64(1), $"Item {reader.GetInt64(0)} holds the payload of another transaction.");
                items++;
                bytes += payload.Length;
                tags = unchecked(tags + reader.GetInt64(1));
            }
        }

        var found = new Tally(tally.Commits, items, bytes, tags, SumOf(connection, "SELECT id, balance FROM account", TagOfBalance));
        Expect(found == tally, $"The tally says {tally}, the items give {found}.");
        var indexed = SumOf(connection, "SELECT id, tag FROM item INDEXED BY item_tag", (_, tag) => tag);
        Expect(indexed == tally.Tags, $"The tally says {tally}, the index gives tags of {indexed}.");
        return tally.Commits;
    }

    private static long SumOf(SqliteConnection connection, string query, Func<long, long, long> term)
    {
        var sum = 0L;
        using var command = Database.Command(connection, query);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            sum = unchecked(sum + term(reader.GetInt64(0), reader.GetInt64(1)));
        }

        return sum;
    }

    /// <summary>New payloads for rows that there are, or new rows: pages all over the database.</summary>
    private static Tally Overwrite(SqliteConnection connection, Random random, Tally tally, int steps)
    {
        for (; steps > 0; steps--)
        {
            tally = Put(connection, random, tally, FirstItemFrom(connection, random.Next()));
        }

        return tally;
    }

    private static Tally Put(SqliteConnection connection, Random random, Tally tally, long id)
    {
        tally = DeleteFrom(connection, tally, id, count: 1, exactly: true);
        var payload = new byte[random.Next(PayloadLengthMax)];
        random.NextBytes(payload);
        var tag = TagOf(id, payload);
        using var command = Database.Command(connection, "INSERT INTO item VALUES($id, $tag, $payload)", ("$id", id), ("$tag", tag), ("$payload", payload));
        command.ExecuteNonQuery();
        return tally.Plus(items: 1, payload.Length, tag);
    }

    private static Tally DeleteFrom(SqliteConnection connection, Tally tally, long first, long count, bool exactly = false)
    {
        var where = exactly ? "id = $first" : "id IN (SELECT id FROM item WHERE id >= $first ORDER BY id LIMIT $count)";
        using var command = Database.Command(
            connection, $"DELETE FROM item WHERE {where} RETURNING tag, length(payload)", ("$first", first), ("$count", count));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            tally = tally.Plus(items: -1, -reader.GetInt64(1), unchecked(-reader.GetInt64(0)));
        }

        return tally;
    }

    private static long FirstItemFrom(SqliteConnection connection, long first)
    {
        using var command = Database.Command(connection, "SELECT coalesce((SELECT id FROM item WHERE id >= $first ORDER BY id LIMIT 1), $first)", ("$first", first));
        return (long)command.ExecuteScalar()!;
    }

    private static Tally Transfer(SqliteConnection connection, Random random, Tally tally)
    {
        var amount = random.Next(1000);
        tally = Deposit(connection, tally, random.Next(1, AccountCount + 1), amount);
        return Deposit(connection, tally, random.Next(1, AccountCount + 1), -amount);
    }

    private static Tally Deposit(SqliteConnection connection, Tally tally, long account, long amount)
    {
        using var command = Database.Command(
            connection, "UPDATE account SET balance = balance + $amount WHERE id = $id RETURNING balance", ("$amount", amount), ("$id", account));
        var balance = (long)command.ExecuteScalar()!;
        return tally with { Accounts = unchecked(tally.Accounts + TagOfBalance(account, balance) - TagOfBalance(account, balance - amount)) };
    }

    /// <summary>Zero for an empty account, which all of them are at first.</summary>
    private static long TagOfBalance(long account, long balance) =>
        balance == 0 ? 0 : TagOf(account, BitConverter.GetBytes(balance));

    private static long TagOf(long id, byte[] payload)
    {
        var hash = SHA256.HashData([.. Encoding.ASCII.GetBytes($"{id}:"), .. payload]);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    private static void Expect(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidOperationException(message);
        }
    }
}
