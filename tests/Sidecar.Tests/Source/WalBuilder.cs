using System.Buffers.Binary;

namespace BackupSidecar.Tests.Source;

/// <summary>A write-ahead log byte by byte, from SQLite's file format document and not from our reader.</summary>
internal sealed class WalBuilder
{
    private readonly List<byte> _bytes = [];
    private readonly bool _bigEndian;
    private readonly ulong _salts;
    private WalSum _sum;

    public WalBuilder(int pageSizeBytes, ulong salts, bool bigEndian, uint version = 3_007_000)
    {
        (_salts, _bigEndian) = (salts, bigEndian);
        var header = new byte[24];
        BinaryPrimitives.WriteUInt32BigEndian(header, bigEndian ? 0x377f0683u : 0x377f0682u);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), version);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), pageSizeBytes);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(16), salts);
        _bytes.AddRange(header);
        Sum(header);
        _bytes.AddRange(Checksum());
    }

    /// <param name="commitPageCount">0 for a frame that ends no commit.</param>
    public WalBuilder Add(uint page, uint commitPageCount, byte[] content)
    {
        var header = new byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(header, page);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), commitPageCount);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(8), _salts);
        Sum(header.AsSpan(0, 8));
        Sum(content);
        _bytes.AddRange(header);
        _bytes.AddRange(Checksum());
        _bytes.AddRange(content);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];

    private byte[] Checksum()
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _sum.First);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), _sum.Second);
        return bytes;
    }

    private void Sum(ReadOnlySpan<byte> bytes) => _sum = _sum.Add(bytes, _bigEndian);
}
