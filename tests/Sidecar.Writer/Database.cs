using System.Globalization;
using Microsoft.Data.Sqlite;

namespace BackupSidecar.Writer;

/// <summary>SQLite as applications use it: read-write, created when missing, waiting for locks.</summary>
internal static class Database
{
    private const int LockWaitSeconds = 20;

    public static SqliteConnection Open(string path, int lockWaitSeconds = LockWaitSeconds)
    {
        // Without the pool, closing a connection closes the file.
        var text = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = lockWaitSeconds };
        var connection = new SqliteConnection(text.ToString());
        connection.Open();
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        if (sql.Length > 0)
        {
            using var command = Command(connection, sql);
            command.ExecuteNonQuery();
        }
    }

    /// <summary>The first value as text; null if there is none.</summary>
    public static string? Scalar(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    public static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are those of the tests, which is what this program is for.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
