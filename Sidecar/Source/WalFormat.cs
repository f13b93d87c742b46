using System.Buffers.Binary;

namespace BackupSidecar.Source;

/// <summary>The write-ahead log's bytes (SQLite file format, section 4.1; all integers big-endian).</summary>
/// <remarks>
/// Header, 32 bytes: 0 4 magic 0x377f0682, or …83 when checksums read big-endian words · 4 4 version 3007000 · 8 4 page size ·
/// 12 4 checkpoint sequence (private to each connection: never used) · 16 8 salts · 24 8 checksum of bytes 0–23.
/// Frame, 24 bytes and a page: 0 4 page number · 4 4 page count after this commit, 0 if the frame ends no commit · 8 8 salts · 16 8 running checksum.
/// </remarks>
internal static class WalFormat
{
    public const int HeaderSize = 32;
    public const int FrameHeaderSize = 24;
    public const uint Version = 3_007_000;

    /// <summary>What of a frame header goes into the running checksum, before the page.</summary>
    public const int ChecksummedFrameHeaderSize = 8;

    private const uint MagicLittleEndian = 0x377f0682;
    private const uint MagicBigEndian = 0x377f0683;

    public static long FrameOffset(uint frame, int pageSizeBytes) => HeaderSize + ((long)(frame - 1) * (FrameHeaderSize + pageSizeBytes));

    public static uint FramePage(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32BigEndian(frame);

    public static uint FrameCommitPageCount(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32BigEndian(frame[4..]);

    public static ulong FrameSalts(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt64BigEndian(frame[8..]);

    public static WalChecksum FrameChecksum(ReadOnlySpan<byte> frame) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(frame[16..]), BinaryPrimitives.ReadUInt32BigEndian(frame[20..]));

    /// <returns>False if these bytes start no log: SQLite then goes on without one. A log of another version it refuses, with the database.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, out WalHeader header)
    {
        header = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        var magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (magic is not (MagicLittleEndian or MagicBigEndian))
        {
            return false;
        }

        var bigEndian = magic == MagicBigEndian;
        var stored = new WalChecksum(BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[28..]));
        var checksum = WalChecksum.Zero.Add(bytes[..24], bigEndian);
        if (stored != checksum)
        {
            return false;
        }

        var pageSizeBytes = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
        if (!Primitives.DatabaseShape.IsPageSize(pageSizeBytes))
        {
            return false;
        }

        header = new WalHeader((int)pageSizeBytes, BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), checksum, bigEndian, BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));
        return true;
    }
}
