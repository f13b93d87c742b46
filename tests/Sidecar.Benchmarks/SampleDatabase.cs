using System.Text;
using Microsoft.Data.Sqlite;

namespace BackupSidecar.Benchmarks;

/// <summary>A database like an application's: half text that compresses, half blobs that do not. The same seed gives the same content.</summary>
internal sealed class SampleDatabase
{
    private const int Seed = 20_260_101;
    private const int WordCount = 4000;
    private const int RowsPerTransaction = 500;
    private const int BlobBytesMin = 2_000;
    private const int BlobBytesMax = 40_000;
    private const int TextBytesMean = 3_000;

    private readonly Random _random = new(Seed);
    private readonly string[] _words;
    private long _owedBlobBytes;

    public SampleDatabase(string path)
    {
        Path = path;
        _words = [.. Enumerable.Range(0, WordCount).Select(_ => Word())];
    }

    public string Path { get; }

    public int DocumentCount { get; private set; }

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
        return connection;
    }

    /// <summary>A connection as an idle application holds it: it has read, so that its -wal and -shm exist.</summary>
    public SqliteConnection OpenAndRead()
    {
        var connection = Open();
        Execute(connection, "SELECT count(*) FROM sqlite_schema");
        return connection;
    }

    /// <summary>Fills a new database up to this size. Afterwards it is one file: the -wal is checkpointed and gone.</summary>
    public void Create(long bytes, CancellationToken ct)
    {
        using var connection = Open();
        Execute(connection, """
            PRAGMA synchronous = OFF;
            CREATE TABLE document (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, changed INTEGER NOT NULL);
            CREATE INDEX document_title ON document (title);
            CREATE TABLE attachment (id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES document, content BLOB NOT NULL);
            """);
        while (SizeOf(connection) < bytes)
        {
            ct.ThrowIfCancellationRequested();
            AddRows(connection, RowsPerTransaction);
        }

        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE);");
    }

    /// <summary>New documents in one transaction, and over time as many bytes of blobs as of text, in rows of another size.</summary>
    public void AddRows(SqliteConnection connection, int count)
    {
        using var transaction = connection.BeginTransaction();
        using var document = connection.CreateCommand();
        document.Transaction = transaction;
        document.CommandText = "INSERT INTO document VALUES ($id, $title, $body, 0)";
        using var attachment = connection.CreateCommand();
        attachment.Transaction = transaction;
        attachment.CommandText = "INSERT INTO attachment (document, content) VALUES ($id, $content)";
        for (var row = 0; row < count; row++)
        {
            var body = Text(TextBytesMean / 2 + _random.Next(TextBytesMean));
            document.Parameters.Clear();
            document.Parameters.AddWithValue("$id", ++DocumentCount);
            document.Parameters.AddWithValue("$title", Text(30));
            document.Parameters.AddWithValue("$body", body);
            document.ExecuteNonQuery();

            for (_owedBlobBytes += body.Length; _owedBlobBytes > 0;)
            {
                var content = new byte[_random.Next(BlobBytesMin, BlobBytesMax)];
                _random.NextBytes(content);
                attachment.Parameters.Clear();
                attachment.Parameters.AddWithValue("$id", DocumentCount);
                attachment.Parameters.AddWithValue("$content", content);
                attachment.ExecuteNonQuery();
                _owedBlobBytes -= content.Length;
            }
        }

        transaction.Commit();
    }

    /// <summary>Changes the text of random documents, in place and in one transaction.</summary>
    public void UpdateRandomRows(SqliteConnection connection, int count)
    {
        using var transaction = connection.BeginTransaction();
        using var update = connection.CreateCommand();
        update.Transaction = transaction;
        for (var row = 0; row < count; row++)
        {
            PrepareUpdate(update);
            update.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>The change of one row, also in a copy of this database.</summary>
    public void UpdateOneRow(SqliteConnection connection) => UpdateRandomRows(connection, 1);

    /// <summary>Makes a command the change of one random document, by as many bytes as it has.</summary>
    public void PrepareUpdate(SqliteCommand update)
    {
        update.CommandText = "UPDATE document SET changed = changed + 1, body = $start || substr(body, length($start) + 1) WHERE id = $id";
        update.Parameters.Clear();
        update.Parameters.AddWithValue("$id", _random.Next(1, DocumentCount + 1));
        update.Parameters.AddWithValue("$start", Text(100));
    }

    /// <summary>What an app's own checkpoint does, now: so that every run finds its changes in the same place.</summary>
    public static void Checkpoint(SqliteConnection connection) => Execute(connection, "PRAGMA wal_checkpoint(PASSIVE);");

    /// <summary>Starts the log anew, and waits for whoever reads it.</summary>
    public static void Truncate(SqliteConnection connection) => Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE);");

    /// <summary>As most apps set it: wait for a lock in place of failing.</summary>
    public static void WaitWhenBusy(SqliteConnection connection, int milliseconds) => Execute(connection, $"PRAGMA busy_timeout = {milliseconds};");

    private static long SizeOf(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        return (long)command.ExecuteScalar()!;
    }

    private string Text(int length)
    {
        var text = new StringBuilder(length + 16);
        while (text.Length < length)
        {
            // Frequent words are frequent, as in any language: the square moves the choice to the front.
            var place = _random.NextDouble();
            text.Append(_words[(int)(place * place * _words.Length)]).Append(_random.Next(12) == 0 ? ". " : " ");
        }

        return text.ToString(0, length);
    }

    private string Word() => new([.. Enumerable.Range(0, _random.Next(2, 11)).Select(_ => (char)('a' + _random.Next(26)))]);

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
