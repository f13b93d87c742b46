using BackupSidecar.Primitives;

namespace BackupSidecar.Restore.Swap;

/// <summary>The names around one database. They all lie in the directory of the real file, as SQLite's own do.</summary>
internal sealed record SwapPaths
{
    public const string WalSuffix = "-wal";
    public const string SharedMemorySuffix = "-shm";
    public const string JournalSuffix = "-journal";

    private SwapPaths(string database)
    {
        Database = database;
        Directory = Path.GetDirectoryName(database) ?? throw NotAFile(database);
    }

    /// <summary>The files that SQLite keeps beside a database. The order is that in which the swap removes them.</summary>
    public static IReadOnlyList<string> SideSuffixes { get; } = [WalSuffix, SharedMemorySuffix, JournalSuffix];

    /// <summary>Full path; the end of every symbolic link of the name that was given.</summary>
    public string Database { get; }

    public string Directory { get; }

    public string Marker => Database + ".restore-pending";

    public string MarkerTemporary => Marker + ".tmp";

    public string Side(string suffix) => Database + suffix;

    public string SafetyCopy(string restoreId) => $"{Database}.before-{restoreId}";

    public string SafetySide(string restoreId, string suffix) => SafetyCopy(restoreId) + suffix;

    public string InDirectory(string fileName) => Path.Combine(Directory, fileName);

    /// <summary>The names for a path as an operator gives it. A symbolic link is followed: what is replaced is the file, never the link.</summary>
    public static SwapPaths Of(string path)
    {
        var full = Path.GetFullPath(path);
        if (full.EndsWith('/'))
        {
            throw NotAFile(full);
        }

        if (FileFacts.Of(full) is not { IsSymbolicLink: true })
        {
            return new SwapPaths(full);
        }

        try
        {
            return new SwapPaths(File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName);
        }
        catch (IOException e)
        {
            throw new OperatorException(FailureKind.Failed, $"Cannot follow the symbolic link '{full}': {e.Message}", "Name the database by its real path.", e);
        }
    }

    private static OperatorException NotAFile(string path) =>
        new(FailureKind.Failed, $"'{path}' is a directory, not a database.", "Name the database file itself.");
}
