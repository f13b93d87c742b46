using System.Buffers.Binary;

namespace BackupSidecar.Source;

/// <summary>What a read transaction sees of the write-ahead log: the header of its index, as sqlite3_snapshot_get returns it.</summary>
/// <remarks>
/// 48 bytes of 32-bit words (wal.c, WalIndexHdr): 2 commits counted (kept across resets) · 4 last frame · 5 page count ·
/// 6–7 checksum of the last frame, native byte order · 8–9 salts, the raw bytes of the log's header.
/// </remarks>
internal readonly record struct WalSnapshot(uint ChangeCounter, uint LastFrame, uint Checksum1, uint Checksum2, ulong Salts)
{
    private const int Size = 48;

    public static unsafe WalSnapshot Read(nint snapshot)
    {
        var words = new ReadOnlySpan<byte>((void*)snapshot, Size);
        return new WalSnapshot(
            BinaryPrimitives.ReadUInt32LittleEndian(words[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(words[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(words[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(words[28..]),
            BinaryPrimitives.ReadUInt64BigEndian(words[32..]));
    }
}
