using System.Buffers.Binary;
using System.IO.Hashing;
using BackupSidecar.Primitives;

namespace BackupSidecar.Pack;

/// <summary>The first 256 bytes of a pack: what it is part of, without needing anything else.</summary>
/// <remarks>
/// Little-endian. Bytes not named are zero and are checked to be.
/// <code>
///   0   8  magic 0x89 "BSPK" CR LF 0x1A (text conversion destroys it)
///   8   2  version, 1
///  10   2  header size, 256
///  12   4  page size in bytes
///  16  16  repository id
///  32  16  source id
///  48  16  pack id
///  64   8  from timeline   (0: from nothing, a full)
///  72   8  from position
///  80   8  to timeline
///  88   8  to position
///  96   8  capture time, microseconds since 1970-01-01 UTC
/// 104   4  page count before (0 for a full)
/// 108   4  page count after
/// 112   1  compression level
/// 114   2  cipher          (0: none)
/// 120  16  key id          (0: none)
/// 136   8  fencing number  (of the lease that it was put under; 0: none)
/// 240  16  XXH3-128 of bytes 0–239
/// </code>
/// </remarks>
internal sealed record PackHeader(
    RepositoryId Repository,
    SourceId Source,
    PackId Pack,
    Position From,
    Position To,
    long CaptureTimeMicroseconds,
    DatabaseShape ShapeBefore,
    DatabaseShape ShapeAfter,
    CompressionLevel Compression)
{
    public const int Size = 256;
    public const ushort Version = 1;

    private const int DigestOffset = Size - 16;

    public PackCipher Cipher { get; init; }

    public UInt128 KeyId { get; init; }

    public ulong FencingNumber { get; init; }

    public bool IsFull => From.IsNone;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'B', (byte)'S', (byte)'P', (byte)'K', 0x0D, 0x0A, 0x1A];

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        var span = bytes.AsSpan();
        Magic.CopyTo(span);
        BinaryPrimitives.WriteUInt16LittleEndian(span[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(span[10..], Size);
        BinaryPrimitives.WriteInt32LittleEndian(span[12..], ShapeAfter.PageSizeBytes);
        Repository.Write(span[16..]);
        Source.Write(span[32..]);
        Pack.Write(span[48..]);
        BinaryPrimitives.WriteUInt64LittleEndian(span[64..], From.Timeline.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(span[72..], From.Transaction.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(span[80..], To.Timeline.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(span[88..], To.Transaction.Value);
        BinaryPrimitives.WriteInt64LittleEndian(span[96..], CaptureTimeMicroseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(span[104..], ShapeBefore.PageCount);
        BinaryPrimitives.WriteUInt32LittleEndian(span[108..], ShapeAfter.PageCount);
        span[112] = (byte)Compression;
        BinaryPrimitives.WriteUInt16LittleEndian(span[114..], (ushort)Cipher);
        BinaryPrimitives.WriteUInt128LittleEndian(span[120..], KeyId);
        BinaryPrimitives.WriteUInt64LittleEndian(span[136..], FencingNumber);
        BinaryPrimitives.WriteUInt128LittleEndian(span[DigestOffset..], XxHash128.HashToUInt128(span[..DigestOffset]));
        return bytes;
    }

    /// <exception cref="PackFormatException">These bytes are no header of a version that this program reads.</exception>
    public static PackHeader Parse(ReadOnlySpan<byte> bytes, string pack)
    {
        if (!bytes.StartsWith(Magic))
        {
            throw new PackFormatException(pack, $"it starts with {Convert.ToHexStringLower(bytes[..Magic.Length])}, which starts no pack");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new PackFormatException(pack, $"it has format version {version}; this program reads version {Version}");
        }

        if (BinaryPrimitives.ReadUInt128LittleEndian(bytes[DigestOffset..]) != XxHash128.HashToUInt128(bytes[..DigestOffset]))
        {
            throw new PackFormatException(pack, "the checksum of its header does not fit");
        }

        var pageSizeBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        var header = new PackHeader(
            RepositoryId.Read(bytes[16..]),
            SourceId.Read(bytes[32..]),
            PackId.Read(bytes[48..]),
            ReadPosition(bytes[64..]),
            ReadPosition(bytes[80..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[96..]),
            new DatabaseShape(pageSizeBytes, BinaryPrimitives.ReadUInt32LittleEndian(bytes[104..])),
            new DatabaseShape(pageSizeBytes, BinaryPrimitives.ReadUInt32LittleEndian(bytes[108..])),
            (CompressionLevel)bytes[112])
        {
            Cipher = (PackCipher)BinaryPrimitives.ReadUInt16LittleEndian(bytes[114..]),
            KeyId = BinaryPrimitives.ReadUInt128LittleEndian(bytes[120..]),
            FencingNumber = BinaryPrimitives.ReadUInt64LittleEndian(bytes[136..]),
        };
        header.Check(bytes, pack);
        return header;
    }

    private void Check(ReadOnlySpan<byte> bytes, string pack)
    {
        if (!DatabaseShape.IsPageSize(ShapeAfter.PageSizeBytes))
        {
            throw new PackFormatException(pack, $"its header names a page size of {ShapeAfter.PageSizeBytes} bytes");
        }

        if (Cipher != PackCipher.None)
        {
            throw new PackFormatException(pack, $"it is sealed with cipher {(ushort)Cipher}, which this program does not know");
        }

        if (!bytes.SequenceEqual(ToBytes()))
        {
            throw new PackFormatException(pack, "its header holds values where version 1 has none");
        }
    }

    private static Position ReadPosition(ReadOnlySpan<byte> bytes) => new(
        new TimelineId(BinaryPrimitives.ReadUInt64LittleEndian(bytes)),
        new TransactionId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])));
}
