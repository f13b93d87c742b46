using BackupSidecar.Primitives;
using ZstdNet;

namespace BackupSidecar.Pack;

/// <summary>Turns stored blocks back into pages and checks both. One per thread.</summary>
internal sealed class BlockDecoder : IDisposable
{
    private readonly Decompressor _decompressor = new();

    /// <summary>Checks the stored bytes, decodes them into <paramref name="raw"/> and checks every page.</summary>
    /// <exception cref="PackFormatException">Names the block or the page that is not what was packed.</exception>
    public void Decode(BlockEntry entry, ReadOnlySpan<byte> stored, Span<byte> raw, string pack)
    {
        var digest = BlockCompressor.Digest(stored);
        if (digest != entry.Digest)
        {
            throw new PackFormatException(
                pack, $"the block at offset {entry.Offset} (from page {entry.Runs[0].First}) has checksum {digest:x32}, expected {entry.Digest:x32}");
        }

        var length = entry.Codec == BlockCodec.Stored ? Copy(stored, raw) : Decompress(entry, stored, raw, pack);
        if (length != entry.RawLength)
        {
            throw new PackFormatException(pack, $"the block at offset {entry.Offset} decompresses to {length} bytes, expected {entry.RawLength}");
        }

        CheckPages(entry, raw[..length], pack);
    }

    public void Dispose() => _decompressor.Dispose();

    private static int Copy(ReadOnlySpan<byte> stored, Span<byte> raw)
    {
        stored.CopyTo(raw);
        return stored.Length;
    }

    private int Decompress(BlockEntry entry, ReadOnlySpan<byte> stored, Span<byte> raw, string pack)
    {
        try
        {
            return _decompressor.Unwrap(stored, raw, bufferSizePrecheck: false);
        }
        catch (ZstdException e)
        {
            throw new PackFormatException(pack, $"the block at offset {entry.Offset} does not decompress: {e.Message}");
        }
    }

    private static void CheckPages(BlockEntry entry, ReadOnlySpan<byte> raw, string pack)
    {
        var pageSizeBytes = entry.RawLength / entry.Hashes.Length;
        var index = 0;
        foreach (var run in entry.Runs)
        {
            for (uint i = 0; i < run.Count; i++, index++)
            {
                var found = PageHash.Of(run.First + i, raw.Slice(index * pageSizeBytes, pageSizeBytes));
                if (found != entry.Hashes[index])
                {
                    throw new PackFormatException(pack, $"page {run.First + i} has hash {found}, expected {entry.Hashes[index]}");
                }
            }
        }
    }
}
