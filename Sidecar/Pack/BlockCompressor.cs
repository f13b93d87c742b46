using System.IO.Hashing;
using ZstdNet;

namespace BackupSidecar.Pack;

/// <summary>Compresses a block and proves on the spot that it decompresses to what went in. One per thread.</summary>
internal sealed class BlockCompressor(CompressionLevel level) : IDisposable
{
    private const int LightLevel = 1;
    private const int HeavyLevel = 9;

    private readonly CompressionOptions? _options = level == CompressionLevel.None
        ? null
        : new CompressionOptions(level == CompressionLevel.Light ? LightLevel : HeavyLevel);

    private readonly byte[] _decoded = PackBuffers.Rent(BlockEntry.RawLengthMax);
    private Compressor? _compressor;
    private Decompressor? _decompressor;

    /// <summary>Room for any compressed block.</summary>
    public static int StoredLengthMax { get; } = Compressor.GetCompressBound(BlockEntry.RawLengthMax);

    /// <returns>How the block is stored, and how many bytes of <paramref name="stored"/> it takes.</returns>
    public (BlockCodec Codec, int Length) Compress(ReadOnlySpan<byte> block, Span<byte> stored)
    {
        if (_options is not null)
        {
            _compressor ??= new Compressor(_options);
            var length = _compressor.Wrap(block, stored);

            // Less than a thirty-second saved does not pay for decompressing it.
            if (length < block.Length - (block.Length / 32))
            {
                EnsureDecodes(block, stored[..length]);
                return (BlockCodec.Zstd, length);
            }
        }

        block.CopyTo(stored);
        return (BlockCodec.Stored, block.Length);
    }

    public static UInt128 Digest(ReadOnlySpan<byte> stored) => XxHash128.HashToUInt128(stored);

    public void Dispose()
    {
        _compressor?.Dispose();
        _decompressor?.Dispose();
        _options?.Dispose();
        PackBuffers.Return(_decoded);
    }

    private void EnsureDecodes(ReadOnlySpan<byte> block, ReadOnlySpan<byte> stored)
    {
        _decompressor ??= new Decompressor();
        var length = _decompressor.Unwrap(stored, _decoded, bufferSizePrecheck: false);
        if (!_decoded.AsSpan(0, length).SequenceEqual(block))
        {
            throw new InvalidOperationException("A block did not decompress to what was compressed. The memory or the processor of this machine may be faulty; nothing was written.");
        }
    }
}
