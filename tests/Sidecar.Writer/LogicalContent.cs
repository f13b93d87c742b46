using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace BackupSidecar.Writer;

/// <summary>A hash of what a database says, whatever its pages look like: schema and every row of every table, in order.</summary>
internal static class LogicalContent
{
    public static string Hash(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        return HashWithin(connection);
    }

    /// <summary>In a transaction of the caller.</summary>
    public static string HashWithin(SqliteConnection connection)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name");
        foreach (var (table, columns) in Tables(connection))
        {
            var order = string.Join(", ", Enumerable.Range(1, columns));
            Append(hash, connection, $"SELECT * FROM \"{table.Replace("\"", "\"\"", StringComparison.Ordinal)}\" ORDER BY {order}");
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static List<(string Name, int Columns)> Tables(SqliteConnection connection)
    {
        List<(string, int)> tables = [];
        using var command = Database.Command(
            connection,
            "SELECT name, ncol FROM pragma_table_list WHERE type IN ('table', 'shadow') AND schema = 'main' AND name <> 'sqlite_schema' ORDER BY name");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            tables.Add((reader.GetString(0), reader.GetInt32(1)));
        }

        return tables;
    }

    private static void Append(IncrementalHash hash, SqliteConnection connection, string sql)
    {
        using var command = Database.Command(connection, sql);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            for (var column = 0; column < reader.FieldCount; column++)
            {
                Append(hash, reader.GetValue(column));
            }
        }
    }

    private static void Append(IncrementalHash hash, object value)
    {
        var bytes = value as byte[] ?? Encoding.UTF8.GetBytes(Convert.ToString(value, CultureInfo.InvariantCulture)!);
        hash.AppendData(Encoding.ASCII.GetBytes($"{value.GetType().Name}:{bytes.Length}:"));
        hash.AppendData(bytes);
    }
}
