using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>Whether a file can be a database, asked through SQLite: a descriptor of our own would drop its locks.</summary>
internal static class DatabaseProbe
{
    /// <summary>True of a file that starts as a database, or is empty, as a new database is.</summary>
    /// <exception cref="OperatorException">It cannot be opened or read.</exception>
    public static bool CanBeDatabase(SourceFile file)
    {
        using var connection = SqliteReadConnection.Open(file.Path);
        return connection.Database.Length == 0 || SourceDatabase.TryReadHeader(file, connection, out _, out _);
    }
}
