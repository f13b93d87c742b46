using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Notes;

/// <summary>The notes in a SQLite database in WAL mode. It is opened by the first call, and not before.</summary>
internal sealed class NoteStore(string path, TimeProvider time)
{
    public const int TextLengthMax = 10_000;

    /// <summary>What leads from each version of the schema to the next; PRAGMA user_version says which one a database has.</summary>
    private static readonly string[] Migrations =
    [
        "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
        "ALTER TABLE note ADD COLUMN written_at TEXT",
    ];

    private readonly string _connectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString();

    /// <returns>The version of the schema before and after.</returns>
    public (int Former, int Current) Migrate()
    {
        using var connection = Open();
        _ = Execute(connection, "PRAGMA journal_mode = WAL");
        using var transaction = connection.BeginTransaction();
        var former = Convert.ToInt32(Scalar(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (former > Migrations.Length)
        {
            throw new InvalidOperationException($"The schema of {path} is of version {former}, and this program knows none after {Migrations.Length}. Start a newer version of it.");
        }

        for (var version = former; version < Migrations.Length; version++)
        {
            _ = Execute(connection, Migrations[version]);
            _ = Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version + 1}"));
        }

        transaction.Commit();
        return (former, Migrations.Length);
    }

    public IReadOnlyList<Note> List()
    {
        using var connection = Open();
        using var command = Command(connection, "SELECT id, text, written_at FROM note ORDER BY id DESC");
        using var reader = command.ExecuteReader();
        List<Note> notes = [];
        while (reader.Read())
        {
            notes.Add(new Note(reader.GetInt64(0), reader.GetString(1), reader.IsDBNull(2) ? null : DateTimeOffset.Parse(reader.GetString(2), CultureInfo.InvariantCulture)));
        }

        return notes;
    }

    public Note Add(string text)
    {
        var now = time.GetUtcNow();
        using var connection = Open();
        var id = Scalar(connection, "INSERT INTO note (text, written_at) VALUES ($1, $2) RETURNING id", text, now.ToString("O", CultureInfo.InvariantCulture));
        return new Note(Convert.ToInt64(id, CultureInfo.InvariantCulture), text, now);
    }

    /// <returns>How many there were.</returns>
    public int Clear()
    {
        using var connection = Open();
        return Execute(connection, "DELETE FROM note");
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    private static object? Scalar(SqliteConnection connection, string sql, params string[] values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteScalar();
    }

    private static int Execute(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params string[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            _ = command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${i + 1}"), values[i]);
        }

        return command;
    }
}
