using System.Buffers.Binary;
using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>What the index of a write-ahead log says of it: where the last commit ends. A read transaction pins a copy of it.</summary>
/// <remarks>
/// 48 bytes (wal.c, WalIndexHdr), native byte order unless named; the index in -shm starts with two copies, and a writer changes the second one first.
/// <code>
///  0  4  version 3007000
///  4  4  unused
///  8  4  commits counted: +1 each, kept across resets, 0 after a recovery
/// 12  1  1 if initialised
/// 13  1  1 if the checksums of frames read big-endian words
/// 14  2  page size: 1 means 65536; 0 while the log never had a frame
/// 16  4  last frame of the last commit; 0 after a reset
/// 20  4  page count of the database
/// 24  8  checksum of the last frame; of an earlier generation while there is no frame
/// 32  8  salts, the raw bytes of the log's header
/// 40  8  checksum of bytes 0–39
/// </code>
/// </remarks>
internal readonly record struct WalIndexHeader(
    uint CommitCounter, bool IsBigEndian, int PageSizeBytes, uint LastFrame, uint PageCount, WalChecksum Checksum, ulong Salts)
{
    public const int Size = 48;

    private const int ChecksumOffset = 40;

    /// <returns>False if these bytes are no initialised header, or are torn.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out WalIndexHeader header)
    {
        header = default;
        if (bytes.Length < Size || Word(bytes, 0) != WalFormat.Version || bytes[12] == 0)
        {
            return false;
        }

        // SQLite adds these words in native order, whatever the frames do.
        var checksum = WalChecksum.Zero.Add(bytes[..ChecksumOffset], bigEndian: false);
        if (checksum != new WalChecksum(Word(bytes, ChecksumOffset), Word(bytes, ChecksumOffset + 4)))
        {
            return false;
        }

        var pageSize = BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]);
        header = new WalIndexHeader(
            Word(bytes, 8),
            bytes[13] != 0,
            pageSize == 1 ? DatabaseShape.PageSizeBytesMax : pageSize,
            Word(bytes, 16),
            Word(bytes, 20),
            new WalChecksum(Word(bytes, 24), Word(bytes, 28)),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[32..]));
        return header.LastFrame == 0 || DatabaseShape.IsPageSize(header.PageSizeBytes);
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
