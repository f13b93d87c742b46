using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Consecutive pages that were read at once: their bytes, their hashes, and which of them differ from the baseline.</summary>
internal sealed class PageChunk(int pageSizeBytes)
{
    /// <summary>Raw bytes: large enough for the page cache's full speed, small enough to stay in the processor's.</summary>
    public const int SizeBytes = 256 * 1024;

    private readonly byte[] _bytes = new byte[SizeBytes];
    private readonly PageHash[] _hashes = new PageHash[SizeBytes / pageSizeBytes];
    private readonly PageHash[] _baseline = new PageHash[SizeBytes / pageSizeBytes];
    private readonly List<PageRun> _changed = [];

    public uint FirstPage { get; private set; }

    public int PageCount { get; private set; }

    public UInt128 SumOfHashes { get; private set; }

    public IReadOnlyList<PageRun> Changed => _changed;

    public ReadOnlySpan<PageHash> Hashes => _hashes.AsSpan(0, PageCount);

    public ReadOnlyMemory<byte> BytesOf(PageRun run) =>
        _bytes.AsMemory((int)(run.First - FirstPage) * pageSizeBytes, (int)run.Count * pageSizeBytes);

    public ReadOnlyMemory<PageHash> HashesOf(PageRun run) => _hashes.AsMemory((int)(run.First - FirstPage), (int)run.Count);

    /// <summary>How many pages of this size one chunk takes.</summary>
    public static uint PagesOf(DatabaseShape shape) => (uint)(SizeBytes / shape.PageSizeBytes);

    /// <param name="baseline">Null: every page counts as changed.</param>
    public PageChunk Scan(IDatabaseImage image, PageHashTable? baseline, PageRun pages)
    {
        (FirstPage, PageCount, SumOfHashes) = (pages.First, (int)pages.Count, UInt128.Zero);
        _changed.Clear();
        image.ReadPages(FirstPage, _bytes.AsSpan(0, PageCount * pageSizeBytes));
        baseline?.Read(FirstPage, _baseline.AsSpan(0, PageCount));
        var lockBytePage = image.Facts.Shape.LockBytePage;
        for (var i = 0; i < PageCount; i++)
        {
            var page = FirstPage + (uint)i;
            if (page == lockBytePage)
            {
                _hashes[i] = default;
                continue;
            }

            if (!image.Holds(page))
            {
                _hashes[i] = baseline is not null && page <= baseline.Shape.PageCount ? _baseline[i] : throw new InvalidOperationException($"Page {page} was not copied, and there is no baseline to take it from.");
                SumOfHashes = unchecked(SumOfHashes + _hashes[i].Value);
                continue;
            }

            var hash = PageHash.Of(page, _bytes.AsSpan(i * pageSizeBytes, pageSizeBytes));
            _hashes[i] = hash;
            SumOfHashes = unchecked(SumOfHashes + hash.Value);
            if (baseline is null || hash != _baseline[i])
            {
                AddChanged(page);
            }
        }

        return this;
    }

    private void AddChanged(uint page)
    {
        if (_changed.Count > 0 && _changed[^1].End == page)
        {
            _changed[^1] = new PageRun(_changed[^1].First, _changed[^1].Count + 1);
        }
        else
        {
            _changed.Add(new PageRun(page, 1));
        }
    }
}
