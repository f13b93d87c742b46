using BackupSidecar.Primitives;

namespace BackupSidecar.Pack;

/// <summary>Pages on their way into a block, and then the block on its way into the pack. Reused through a pool of its writer.</summary>
internal sealed class PageBlock(int pageSizeBytes) : IDisposable
{
    private readonly List<PageRun> _runs = [];
    private readonly List<PageHash> _hashes = [];
    private readonly byte[] _raw = PackBuffers.Rent(BlockEntry.RawLengthMax);
    private readonly byte[] _stored = PackBuffers.Rent(BlockCompressor.StoredLengthMax);
    private BlockCodec _codec;
    private int _storedLength;
    private UInt128 _digest;

    public int PageCount => _hashes.Count;

    /// <summary>Pages that still fit.</summary>
    public int Room => (BlockEntry.RawLengthMax / pageSizeBytes) - PageCount;

    public ReadOnlyMemory<byte> Stored => _stored.AsMemory(0, _storedLength);

    public void Add(uint firstPage, ReadOnlySpan<byte> pages, ReadOnlySpan<PageHash> hashes)
    {
        pages.CopyTo(_raw.AsSpan(PageCount * pageSizeBytes));
        var run = new PageRun(firstPage, (uint)hashes.Length);
        if (_runs.Count > 0 && _runs[^1].End == firstPage)
        {
            _runs[^1] = new PageRun(_runs[^1].First, _runs[^1].Count + run.Count);
        }
        else
        {
            _runs.Add(run);
        }

        _hashes.AddRange(hashes);
    }

    public PageBlock Encode(BlockCompressor compressor)
    {
        (_codec, _storedLength) = compressor.Compress(_raw.AsSpan(0, PageCount * pageSizeBytes), _stored);
        _digest = BlockCompressor.Digest(Stored.Span);
        return this;
    }

    public BlockEntry EntryAt(long offset) => new(offset, _storedLength, PageCount * pageSizeBytes, _codec, _digest, [.. _runs], [.. _hashes]);

    public void Clear()
    {
        _runs.Clear();
        _hashes.Clear();
    }

    public void Dispose()
    {
        PackBuffers.Return(_raw);
        PackBuffers.Return(_stored);
    }
}
