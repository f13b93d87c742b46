using System.Buffers.Binary;

namespace BackupSidecar.Testing;

/// <summary>Makes a database longer than 1 GiB in no time: its pages up to the lock-byte page become free pages that no byte of disk backs.</summary>
internal static class SparseDatabase
{
    private const int HeaderSize = 100;
    private const int PageCountOffset = 28;
    private const int FirstTrunkOffset = 32;
    private const int FreePagesOffset = 36;

    /// <summary>Words that a trunk page leaves unused for the sake of old SQLite versions, and its two words of header.</summary>
    private const int TrunkWordsUnused = 8;

    /// <summary>
    /// Grows a database in rollback mode, without free pages, that no process has open, to 12 pages past the lock-byte page.
    /// The pages past it are the first that SQLite will use.
    /// </summary>
    public static void GrowPastLockBytePage(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        var header = new byte[HeaderSize];
        file.ReadExactly(header);
        var pageSizeBytes = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16)) is var stored and not 1 ? stored : 65536;
        var used = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(PageCountOffset));
        var lockBytePage = (uint)((1 << 30) / pageSizeBytes) + 1;
        var last = lockBytePage + 12;

        // SQLite takes the leaves of the first trunk first: those past the lock-byte page.
        var next = WriteTrunks(file, pageSizeBytes, [.. Range(used + 1, lockBytePage - 1)], nextTrunk: 0);
        var first = WriteTrunks(file, pageSizeBytes, [.. Range(lockBytePage + 1, last)], next);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(PageCountOffset), last);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(FirstTrunkOffset), first);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(FreePagesOffset), last - used - 1);
        file.Position = 0;
        file.Write(header);
        file.SetLength((long)last * pageSizeBytes);
    }

    /// <summary>Writes these free pages as a list; returns its first trunk.</summary>
    private static uint WriteTrunks(FileStream file, int pageSizeBytes, uint[] pages, uint nextTrunk)
    {
        foreach (var chunk in pages.Chunk((pageSizeBytes / 4) - TrunkWordsUnused + 1))
        {
            var trunk = new byte[pageSizeBytes];
            BinaryPrimitives.WriteUInt32BigEndian(trunk, nextTrunk);
            BinaryPrimitives.WriteUInt32BigEndian(trunk.AsSpan(4), (uint)chunk.Length - 1);
            for (var leaf = 1; leaf < chunk.Length; leaf++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(trunk.AsSpan(4 + (4 * leaf)), chunk[leaf]);
            }

            file.Position = (long)(chunk[0] - 1) * pageSizeBytes;
            file.Write(trunk);
            nextTrunk = chunk[0];
        }

        return nextTrunk;
    }

    private static IEnumerable<uint> Range(uint first, uint final)
    {
        for (var page = first; page <= final; page++)
        {
            yield return page;
        }
    }
}
