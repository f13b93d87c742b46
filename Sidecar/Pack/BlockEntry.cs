using System.Buffers.Binary;
using BackupSidecar.Primitives;

namespace BackupSidecar.Pack;

/// <summary>One block in a pack's index: where it is, which pages it holds, and their hashes.</summary>
/// <remarks>
/// Little-endian: 48 bytes, then the runs, then the hashes. Bytes not named are zero.
/// <code>
///   0   8  offset in the pack
///   8   4  stored length
///  12   4  raw length: page count × page size
///  16   1  codec
///  20   4  page count
///  24   4  run count
///  32  16  XXH3-128 of the stored bytes
///  48      runs: first page 4, count 4; ascending over the whole pack
///          page hashes: 16 each, in page order
/// </code>
/// </remarks>
internal sealed record BlockEntry(long Offset, int StoredLength, int RawLength, BlockCodec Codec, UInt128 Digest, PageRun[] Runs, PageHash[] Hashes)
{
    public const int FixedSize = 48;
    public const int RunSize = 8;

    /// <summary>Raw bytes of a block, at most; also the target. The same in every pack, so that a reader knows its buffers.</summary>
    public const int RawLengthMax = 256 * 1024;

    private const int PagesMax = RawLengthMax / DatabaseShape.PageSizeBytesMin;

    /// <summary>The longest entry: every page of the smallest size alone in its run.</summary>
    public const int SizeMax = FixedSize + (PagesMax * (RunSize + PageHash.Size));

    public int Size => FixedSize + (Runs.Length * RunSize) + (Hashes.Length * PageHash.Size);

    public void Write(Span<byte> bytes)
    {
        bytes[..FixedSize].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], StoredLength);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], RawLength);
        bytes[16] = (byte)Codec;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], Hashes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Runs.Length);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[32..], Digest);
        var at = FixedSize;
        foreach (var run in Runs)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], run.First);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(at + 4)..], run.Count);
            at += RunSize;
        }

        foreach (var hash in Hashes)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(bytes[at..], hash.Value);
            at += PageHash.Size;
        }
    }

    /// <summary>The size of the entry that starts here, checked against every limit before anything is allocated for it.</summary>
    public static int ReadSize(ReadOnlySpan<byte> bytes, int pageSizeBytes, string pack)
    {
        var pages = BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]);
        var runs = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        if (pages < 1 || pages > RawLengthMax / pageSizeBytes || runs < 1 || runs > pages)
        {
            throw new PackFormatException(pack, $"a block of its index names {pages} pages in {runs} runs");
        }

        return FixedSize + (runs * RunSize) + (pages * PageHash.Size);
    }

    /// <param name="bytes">Exactly the entry.</param>
    /// <param name="previousEnd">Where the block before it ended.</param>
    /// <param name="blocksEnd">Where the last block ends: there the index begins.</param>
    /// <param name="previousPage">The last page before it, or 0.</param>
    public static BlockEntry Parse(ReadOnlySpan<byte> bytes, DatabaseShape shape, long previousEnd, long blocksEnd, uint previousPage, string pack)
    {
        var runs = new PageRun[BinaryPrimitives.ReadInt32LittleEndian(bytes[24..])];
        var hashes = new PageHash[BinaryPrimitives.ReadInt32LittleEndian(bytes[20..])];
        var entry = new BlockEntry(
            BinaryPrimitives.ReadInt64LittleEndian(bytes),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            (BlockCodec)bytes[16],
            BinaryPrimitives.ReadUInt128LittleEndian(bytes[32..]),
            runs,
            hashes);
        var at = FixedSize;
        for (var i = 0; i < runs.Length; i++, at += RunSize)
        {
            runs[i] = new PageRun(BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]));
        }

        for (var i = 0; i < hashes.Length; i++, at += PageHash.Size)
        {
            hashes[i] = new PageHash(BinaryPrimitives.ReadUInt128LittleEndian(bytes[at..]));
        }

        entry.CheckRuns(shape, previousPage, pack);
        entry.CheckLengths(shape, previousEnd, blocksEnd, pack);
        return entry;
    }

    private void CheckRuns(DatabaseShape shape, uint previousPage, string pack)
    {
        var last = (ulong)previousPage;
        var pages = 0UL;
        foreach (var run in Runs)
        {
            var holdsLockBytePage = run.First <= shape.LockBytePage && run.End > shape.LockBytePage;
            if (run.Count == 0 || run.First <= last || run.End > (ulong)shape.PageCount + 1 || holdsLockBytePage)
            {
                throw new PackFormatException(pack, $"its index names {run.Count} pages from page {run.First} on after page {last}, in a database of {shape.PageCount} pages");
            }

            last = run.End - 1;
            pages += run.Count;
        }

        if (pages != (ulong)Hashes.Length)
        {
            throw new PackFormatException(pack, $"a block of its index has {pages} pages in its runs and {Hashes.Length} hashes");
        }
    }

    private void CheckLengths(DatabaseShape shape, long previousEnd, long blocksEnd, string pack)
    {
        var stored = Codec switch
        {
            BlockCodec.Stored => StoredLength == RawLength,
            BlockCodec.Zstd => StoredLength > 0 && StoredLength < RawLength,
            _ => false,
        };
        if (!stored || RawLength != Hashes.Length * shape.PageSizeBytes || Offset != previousEnd || StoredLength > blocksEnd - Offset)
        {
            throw new PackFormatException(
                pack,
                $"its index places a block with codec {(byte)Codec}, {StoredLength} stored and {RawLength} raw bytes at {Offset}, where one of {Hashes.Length} pages at {previousEnd} was expected, and the index at {blocksEnd}");
        }
    }
}
