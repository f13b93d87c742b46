namespace BackupSidecar.Writer;

/// <summary>The truth about a database at rest: its file and its <c>-wal</c> are copied elsewhere, and SQLite merges the copies.</summary>
internal static class MergedCopy
{
    private const int ChunkSize = 1 << 20;

    public static void Make(string path, string target)
    {
        CopySparse(path, target);
        if (!File.Exists(path + "-wal"))
        {
            return;
        }

        CopySparse(path + "-wal", target + "-wal");
        using var connection = Database.Open(target);
        Database.Execute(connection, "PRAGMA synchronous=OFF; PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private static void CopySparse(string path, string target)
    {
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        using var copy = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        copy.SetLength(source.Length);
        var chunk = new byte[ChunkSize];
        while (source.ReadAtLeast(chunk, ChunkSize, throwOnEndOfStream: false) is var length and > 0)
        {
            if (chunk.AsSpan(0, length).ContainsAnyExcept((byte)0))
            {
                copy.Position = source.Position - length;
                copy.Write(chunk, 0, length);
            }
        }
    }
}
