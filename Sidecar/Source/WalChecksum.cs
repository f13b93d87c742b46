using System.Buffers.Binary;

namespace BackupSidecar.Source;

/// <summary>The running checksum of a write-ahead log (SQLite file format, section 4.2).</summary>
internal readonly record struct WalChecksum(uint First, uint Second)
{
    public static WalChecksum Zero => default;

    /// <summary>Goes on over <paramref name="bytes"/>, whose length is a multiple of 8.</summary>
    public WalChecksum Add(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var (first, second) = (First, Second);
        for (var i = 0; i + 8 <= bytes.Length; i += 8)
        {
            var pair = bytes.Slice(i, 8);
            unchecked
            {
                first += (bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(pair) : BinaryPrimitives.ReadUInt32LittleEndian(pair)) + second;
                second += (bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(pair[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(pair[4..])) + first;
            }
        }

        return new WalChecksum(first, second);
    }
}
