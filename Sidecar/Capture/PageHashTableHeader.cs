using System.Buffers.Binary;
using System.IO.Hashing;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Which position a page-hash table describes, of which file, and what its hashes add up to.</summary>
/// <remarks>
/// 256 bytes, little-endian; bytes not named are zero. Version 1 had no second sum and is not read: its table is rebuilt.
/// <code>
///   0   8  magic "BSHASHT" LF
///   8   4  version, 2
///  12   4  page size in bytes
///  16   4  page count
///  20   4  journal mode (0: unknown)
///  24  16  repository id
///  40  16  source id
///  56   8  timeline
///  64   8  position
///  72  16  pack id (0: unknown)
///  88  16  fingerprint: sum of the hashes, and the shape
/// 104  16  sum of hash × (2 × page + 1)
/// 120   8  device of the database file
/// 128   8  inode of the database file (0: the file is unknown)
/// 136   4  header change counter
/// 144  28  cursor in the write-ahead log (WalCursor; 0: none)
/// 240  16  XXH3-128 of bytes 0–239
/// </code>
/// </remarks>
internal sealed record PageHashTableHeader(CaptureState State, DatabaseShape Shape, Fingerprint Fingerprint, UInt128 OrderedSum)
{
    public const int Size = 256;

    private const int Version = 2;
    private const int LogOffset = 144;
    private const int DigestOffset = Size - 16;

    /// <summary>Both sums as this header states them.</summary>
    public PageHashSums Sums => new(Fingerprint.SumOfPageHashes(Shape), OrderedSum);

    private static ReadOnlySpan<byte> Magic => "BSHASHT\n"u8;

    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Shape.PageSizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Shape.PageCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], (int)State.File.Mode);
        State.Repository.Write(bytes[24..]);
        State.Source.Write(bytes[40..]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], State.Position.Timeline.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[64..], State.Position.Transaction.Value);
        State.Pack.Write(bytes[72..]);
        Fingerprint.Write(bytes[88..]);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[104..], OrderedSum);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[120..], State.File.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[128..], State.File.Inode);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[136..], State.File.HeaderChangeCounter);
        if (State.Log is { } log)
        {
            log.Write(bytes[LogOffset..]);
        }

        BinaryPrimitives.WriteUInt128LittleEndian(bytes[DigestOffset..], XxHash128.HashToUInt128(bytes[..DigestOffset]));
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

        var state = new CaptureState(
            RepositoryId.Read(bytes[24..]),
            SourceId.Read(bytes[40..]),
            new Position(
                new TimelineId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..])),
                new TransactionId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[64..]))),
            PackId.Read(bytes[72..]),
            new CapturedFile(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[120..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[128..]),
                (JournalMode)BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[136..])),
            WalCursor.TryRead(bytes[LogOffset..], out var log) ? log : null);
        return new PageHashTableHeader(
            state,
            new DatabaseShape(BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..])),
            Fingerprint.Read(bytes[88..]),
            BinaryPrimitives.ReadUInt128LittleEndian(bytes[104..]));
    }
}
