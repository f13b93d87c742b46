using System.Buffers.Binary;
using BackupSidecar.Primitives;

namespace BackupSidecar.Pack;

/// <summary>The last 128 bytes of a pack: where its index is, and proofs of index and database.</summary>
/// <remarks>
/// Little-endian. Bytes not named are zero and are checked to be.
/// <code>
///   0   8  magic "BSPKEND" LF
///   8   8  index offset
///  16   8  index length
///  24   4  block count
///  28   4  page count: pages in this pack
///  32  16  fingerprint before (0 for a full)
///  48  16  fingerprint after
///  64   8  length of the whole pack
///  96  32  SHA-256 of header, index and bytes 0–95 of this trailer
/// </code>
/// </remarks>
internal sealed record PackTrailer(
    long IndexOffset,
    long IndexLength,
    uint BlockCount,
    uint PageCount,
    Fingerprint FingerprintBefore,
    Fingerprint FingerprintAfter)
{
    public const int Size = 128;
    public const int DigestSize = 32;

    /// <summary>The bytes that the digest covers.</summary>
    public const int DigestedSize = Size - DigestSize;

    private static ReadOnlySpan<byte> Magic => "BSPKEND\n"u8;

    public long PackLength => IndexOffset + IndexLength + Size;

    public byte[] ToBytesWithoutDigest()
    {
        var bytes = new byte[Size];
        var span = bytes.AsSpan();
        Magic.CopyTo(span);
        BinaryPrimitives.WriteInt64LittleEndian(span[8..], IndexOffset);
        BinaryPrimitives.WriteInt64LittleEndian(span[16..], IndexLength);
        BinaryPrimitives.WriteUInt32LittleEndian(span[24..], BlockCount);
        BinaryPrimitives.WriteUInt32LittleEndian(span[28..], PageCount);
        FingerprintBefore.Write(span[32..]);
        FingerprintAfter.Write(span[48..]);
        BinaryPrimitives.WriteInt64LittleEndian(span[64..], PackLength);
        return bytes;
    }

    /// <param name="packLength">What the store says; a torn pack has another.</param>
    public static PackTrailer Parse(ReadOnlySpan<byte> bytes, long packLength, string pack)
    {
        if (!bytes.StartsWith(Magic))
        {
            throw new PackFormatException(pack, "it has no trailer: it was cut off, or overwritten at its end");
        }

        var trailer = new PackTrailer(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]),
            Fingerprint.Read(bytes[32..]),
            Fingerprint.Read(bytes[48..]));
        var offsetMax = packLength - Size;
        if (trailer.IndexOffset < PackHeader.Size || trailer.IndexOffset > offsetMax || trailer.IndexLength != offsetMax - trailer.IndexOffset)
        {
            throw new PackFormatException(
                pack, $"its trailer places the index at {trailer.IndexOffset} with {trailer.IndexLength} bytes, but the pack has {packLength}");
        }

        return bytes[..DigestedSize].SequenceEqual(trailer.ToBytesWithoutDigest().AsSpan(0, DigestedSize))
            ? trailer
            : throw new PackFormatException(pack, "its trailer holds values where version 1 has none");
    }
}
