using System.Buffers.Binary;

namespace BackupSidecar.Source;

/// <summary>A commit in a write-ahead log, known well enough to be found again, or to be missed: where the next capture starts.</summary>
/// <remarks>
/// 28 bytes, little-endian: 0 8 salts · 8 4 frame · 12 8 checksum · 20 4 commit counter · 24 4 page count. All zero: none.
/// </remarks>
/// <param name="Salts">Generation of the log.</param>
/// <param name="Frame">The last frame of the commit; 0 if the log had none.</param>
/// <param name="Checksum">Running checksum up to that frame; zero without one.</param>
/// <param name="CommitCounter">What the index had counted.</param>
/// <param name="PageCount">Of the database at that commit.</param>
internal readonly record struct WalCursor(ulong Salts, uint Frame, WalChecksum Checksum, uint CommitCounter, uint PageCount)
{
    public const int Size = 28;

    /// <summary>SQLite adds one to it whenever it starts the log anew.</summary>
    public uint FirstSalt => (uint)(Salts >> 32);

    public static WalCursor At(WalIndexHeader header, uint pageCount) => new(
        header.Salts,
        header.LastFrame,
        header.LastFrame == 0 ? WalChecksum.Zero : header.Checksum,
        header.CommitCounter,
        pageCount);

    /// <summary>True if the log has nothing that this cursor has not seen.</summary>
    /// <remarks>
    /// A log that never had a frame has no salts: it looks like any other such log, also like one that is there after the application has committed, removed its
    /// log at its end and come back. Only while somebody is attached can that not have happened.
    /// </remarks>
    /// <param name="header">What the index says now.</param>
    /// <param name="isOfThisAttachment">The cursor was taken since this attachment began.</param>
    public bool IsAt(WalIndexHeader header, bool isOfThisAttachment) =>
        header.Salts == Salts && header.LastFrame == Frame && (Frame == 0 ? header.CommitCounter == CommitCounter : header.Checksum == Checksum)
        && (Salts != 0 || isOfThisAttachment);

    /// <returns>False if none was stored.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out WalCursor cursor)
    {
        cursor = new WalCursor(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            new WalChecksum(BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..])),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]));
        return bytes[..Size].ContainsAnyExcept((byte)0);
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Salts);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Frame);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Checksum.First);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], Checksum.Second);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[20..], CommitCounter);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[24..], PageCount);
    }
}
