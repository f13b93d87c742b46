using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace BackupSidecar.Source;

/// <summary>The running checksum of a write-ahead log (SQLite file format, section 4.2).</summary>
internal readonly record struct WalChecksum(uint First, uint Second)
{
    public static WalChecksum Zero => default;

    /// <summary>Goes on over <paramref name="bytes"/>, whose length is a multiple of 8.</summary>
    public WalChecksum Add(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var (first, second) = (First, Second);

        // Two dependent additions a word: everything else is kept off that path, since each page of a capture goes through here twice.
        foreach (var pair in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            var words = bigEndian == BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(pair) : pair;
            var (one, two) = bigEndian ? ((uint)(words >> 32), (uint)words) : ((uint)words, (uint)(words >> 32));
            unchecked
            {
                first += one + second;
                second += two + first;
            }
        }

        return new WalChecksum(first, second);
    }
}
