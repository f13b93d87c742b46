using System.Buffers.Binary;

namespace BackupSidecar.Capture;

/// <summary>How far the write-ahead log has been captured: all of it up to and with <paramref name="Frame"/>.</summary>
/// <remarks>
/// Stored in 24 bytes, little-endian: 0 8 salts · 8 4 frame · 12 4 and 16 4 checksum · 20 4 change counter.
/// </remarks>
/// <param name="Salts">Of the log's generation.</param>
/// <param name="Frame">0: nothing of this generation.</param>
/// <param name="Checksum1">First word of the running checksum at that frame.</param>
/// <param name="Checksum2">Second word.</param>
/// <param name="ChangeCounter">Commits as the log's index counts them.</param>
internal readonly record struct LogPosition(ulong Salts, uint Frame, uint Checksum1, uint Checksum2, uint ChangeCounter)
{
    public const int Size = 24;

    public static LogPosition Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Salts);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Frame);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Checksum1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Checksum2);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], ChangeCounter);
    }
}
