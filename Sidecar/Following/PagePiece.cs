using BackupSidecar.Primitives;

namespace BackupSidecar.Following;

/// <summary>Consecutive pages with their hashes, on their way into a pack.</summary>
internal sealed class PagePiece
{
    private readonly byte[] _bytes;
    private readonly PageHash[] _hashes;
    private readonly int _pageSizeBytes;
    private int _count;

    /// <param name="firstPage">Its number.</param>
    /// <param name="page">Its content.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="capacityBytes">What the piece can grow to; at least one page.</param>
    public PagePiece(uint firstPage, ReadOnlySpan<byte> page, PageHash hash, int capacityBytes)
    {
        FirstPage = firstPage;
        _pageSizeBytes = page.Length;
        _bytes = new byte[Math.Max(capacityBytes, page.Length)];
        _hashes = new PageHash[_bytes.Length / page.Length];
        _ = TryAdd(firstPage, page, hash);
    }

    public uint FirstPage { get; }

    public ReadOnlyMemory<byte> Pages => _bytes.AsMemory(0, _count * _pageSizeBytes);

    public ReadOnlyMemory<PageHash> Hashes => _hashes.AsMemory(0, _count);

    /// <returns>False if the page is not the next one, or the piece is full.</returns>
    public bool TryAdd(uint page, ReadOnlySpan<byte> content, PageHash hash)
    {
        if (page != FirstPage + (uint)_count || _count == _hashes.Length)
        {
            return false;
        }

        content.CopyTo(_bytes.AsSpan(_count * _pageSizeBytes));
        _hashes[_count++] = hash;
        return true;
    }
}
