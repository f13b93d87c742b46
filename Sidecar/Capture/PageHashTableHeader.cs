using System.Buffers.Binary;
using System.IO.Hashing;
using BackupSidecar.Primitives;

namespace BackupSidecar.Capture;

/// <summary>Which position a page-hash table describes, and of which file.</summary>
/// <remarks>
/// 192 bytes, little-endian; bytes not named are zero.
/// <code>
///   0   8  magic "BSHASHT" LF
///   8   4  version, 1
///  12   4  page size in bytes
///  16   4  page count
///  20   4  1 if the database was in WAL mode
///  24  16  repository id
///  40  16  source id
///  56   8  timeline
///  64   8  position
///  72  16  fingerprint
///  88   8  device of the database file
///  96   8  inode of the database file
/// 104   4  change counter
/// 176  16  XXH3-128 of bytes 0–175
/// </code>
/// </remarks>
internal sealed record PageHashTableHeader(
    RepositoryId Repository,
    SourceId Source,
    Position Position,
    DatabaseShape Shape,
    Fingerprint Fingerprint,
    bool IsWal,
    ulong Device,
    ulong Inode,
    uint ChangeCounter)
{
    public const int Size = 192;

    private const int Version = 1;
    private const int DigestOffset = Size - 16;

    private static ReadOnlySpan<byte> Magic => "BSHASHT\n"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        var span = bytes.AsSpan();
        Magic.CopyTo(span);
        BinaryPrimitives.WriteInt32LittleEndian(span[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(span[12..], Shape.PageSizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(span[16..], Shape.PageCount);
        BinaryPrimitives.WriteInt32LittleEndian(span[20..], IsWal ? 1 : 0);
        Repository.Write(span[24..]);
        Source.Write(span[40..]);
        BinaryPrimitives.WriteUInt64LittleEndian(span[56..], Position.Timeline.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(span[64..], Position.Transaction.Value);
        Fingerprint.Write(span[72..]);
        BinaryPrimitives.WriteUInt64LittleEndian(span[88..], Device);
        BinaryPrimitives.WriteUInt64LittleEndian(span[96..], Inode);
        BinaryPrimitives.WriteUInt32LittleEndian(span[104..], ChangeCounter);
        BinaryPrimitives.WriteUInt128LittleEndian(span[DigestOffset..], XxHash128.HashToUInt128(span[..DigestOffset]));
        return bytes;
    }

    /// <returns>Null if these bytes are no whole header of this version.</returns>
    public static PageHashTableHeader? TryParse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Size
            || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != Version
            || BinaryPrimitives.ReadUInt128LittleEndian(bytes[DigestOffset..]) != XxHash128.HashToUInt128(bytes[..DigestOffset]))
        {
            return null;
        }

        return new PageHashTableHeader(
            RepositoryId.Read(bytes[24..]),
            SourceId.Read(bytes[40..]),
            new Position(
                new TimelineId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..])),
                new TransactionId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[64..]))),
            new DatabaseShape(BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..])),
            Fingerprint.Read(bytes[72..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]) == 1,
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[88..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[96..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[104..]));
    }
}
