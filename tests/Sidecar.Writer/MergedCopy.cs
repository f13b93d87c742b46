namespace BackupSidecar.Writer;

/// <summary>The truth about a database at rest: its file and its <c>-wal</c> are copied elsewhere, and SQLite merges the copies.</summary>
internal static class MergedCopy
{
    public static void Make(string path, string target)
    {
        SparseFile.Copy(path, target);
        if (!File.Exists(path + "-wal"))
        {
            return;
        }

        SparseFile.Copy(path + "-wal", target + "-wal");
        using var connection = Database.Open(target);
        Database.Execute(connection, "PRAGMA synchronous=OFF; PRAGMA wal_checkpoint(TRUNCATE)");
    }
}
