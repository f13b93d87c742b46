namespace BackupSidecar.Tests.Source;

/// <summary>The bytes of a database and of the write-ahead log that an app left beside it.</summary>
internal sealed record DatabaseFiles(byte[] Database, byte[] Wal)
{
    public int PageSizeBytes => (Database[16] << 8 | Database[17]) is var stored and not 1 ? stored : 65536;

    /// <summary>Reads the files of a connection of this process, which is at rest and has no neighbour: the locks that closing costs are missed by nobody.</summary>
    public static DatabaseFiles Of(string path) => new(File.ReadAllBytes(path), File.Exists(path + "-wal") ? File.ReadAllBytes(path + "-wal") : []);

    public void WriteTo(string path)
    {
        File.WriteAllBytes(path, Database);
        File.WriteAllBytes(path + "-wal", Wal);
    }
}
