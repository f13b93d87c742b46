namespace BackupSidecar.Writer;

/// <summary>The beginning of a <c>-shm</c>, raw: both copies of the header and the checkpoint's own words.</summary>
/// <remarks>Opened and closed as a file, which drops every lock of this process on it: a process that does this has no business with SQLite.</remarks>
internal static class WalIndex
{
    /// <summary>Two copies of the index header; behind them stand the backfill counter and the read marks, which are not ours to set.</summary>
    private const int HeaderSize = 96;

    public static byte[] ReadHeader(string path)
    {
        var header = new byte[HeaderSize];
        using var file = File.OpenHandle(path + "-shm", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return RandomAccess.Read(file, header, 0) == HeaderSize ? header : throw new InvalidOperationException($"{path}-shm is too short.");
    }

    public static void WriteHeader(string path, byte[] header)
    {
        using var file = File.OpenHandle(path + "-shm", FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(file, header, 0);
    }
}
