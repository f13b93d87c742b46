using BackupSidecar.Capture;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Reads the pages that a log names, in order, and keeps those that are not as the last position has them.</summary>
internal sealed class ChangedPageReader(PageHashTable table, LogChanges changes)
{
    private const int PieceBytes = BlockEntry.RawLengthMax;

    private readonly List<PagePiece> _pieces = [];
    private readonly byte[] _page = new byte[changes.Shape.PageSizeBytes];
    private int _next;

    /// <summary>The new hash of every page that differs.</summary>
    public PageHashChanges Hashes { get; } = new();

    /// <summary>Of page 1, if it was among the pages; else null.</summary>
    public uint? HeaderChangeCounter { get; private set; }

    /// <summary>Reads on until this many raw bytes are waiting to be taken.</summary>
    /// <returns>False if there was nothing left to read.</returns>
    public bool ReadSome(long bytesMax)
    {
        if (_next == changes.Pages.Count)
        {
            return false;
        }

        for (long waiting = 0; _next < changes.Pages.Count && waiting < bytesMax; _next++)
        {
            var page = changes.Pages[_next];
            changes.Read(_next, _page);
            if (page == 1 && DatabaseHeader.TryParse(_page, out var header, out _))
            {
                HeaderChangeCounter = header.ChangeCounter;
            }

            var hash = PageHash.Of(page, _page);

            // A new page is always taken: the table has no entry that it could be equal to.
            if (page > table.Shape.PageCount || hash != table.ReadOne(page))
            {
                Keep(page, hash);
                waiting += _page.Length;
            }
        }

        return true;
    }

    /// <summary>What was read and not taken yet, in page order.</summary>
    public IReadOnlyList<PagePiece> TakePieces()
    {
        PagePiece[] taken = [.. _pieces];
        _pieces.Clear();
        return taken;
    }

    private void Keep(uint page, PageHash hash)
    {
        Hashes.Add(page, [hash]);
        if (_pieces.Count == 0 || !_pieces[^1].TryAdd(page, _page, hash))
        {
            _pieces.Add(new PagePiece(page, _page, hash, ConsecutivePages() * _page.Length));
        }
    }

    /// <summary>How many pages from the one that is read on stand next to each other, up to a piece.</summary>
    private int ConsecutivePages()
    {
        var (first, max) = (changes.Pages[_next], Math.Max(1, PieceBytes / _page.Length));
        var count = 1;
        while (count < max && _next + count < changes.Pages.Count && changes.Pages[_next + count] == first + (uint)count)
        {
            count++;
        }

        return count;
    }
}
