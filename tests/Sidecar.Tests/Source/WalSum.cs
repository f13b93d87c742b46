using System.Buffers.Binary;

namespace BackupSidecar.Tests.Source;

/// <summary>The running checksum of a write-ahead log, from SQLite's file format document and not from our reader.</summary>
internal readonly record struct WalSum(uint First, uint Second)
{
    public WalSum Add(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var (first, second) = (First, Second);
        for (var at = 0; at < bytes.Length; at += 8)
        {
            first = unchecked(first + Word(bytes[at..], bigEndian) + second);
            second = unchecked(second + Word(bytes[(at + 4)..], bigEndian) + first);
        }

        return new WalSum(first, second);
    }

    private static uint Word(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
