using System.Runtime.InteropServices;
using BackupSidecar.Primitives;

namespace BackupSidecar.Capture;

/// <summary>The new hashes of the pages that a changeset holds, in page order. 16 bytes a page and 8 a run; may be cleared and used again.</summary>
internal sealed class PageHashChanges
{
    private readonly List<PageRun> _runs = [];
    private readonly List<PageHash> _hashes = [];

    public IReadOnlyList<PageRun> Runs => _runs;

    /// <summary>Of all runs, one after the other.</summary>
    public ReadOnlySpan<PageHash> Hashes => CollectionsMarshal.AsSpan(_hashes);

    /// <summary>Adds consecutive pages; page numbers ascend over all calls, and the lock-byte page never comes.</summary>
    public void Add(uint firstPage, ReadOnlySpan<PageHash> hashes)
    {
        if (hashes.IsEmpty || firstPage == 0 || (_runs.Count > 0 && firstPage < _runs[^1].End))
        {
            throw new InvalidOperationException($"{hashes.Length} page hashes from page {firstPage} on came after {(_runs.Count > 0 ? _runs[^1].End - 1 : 0)}.");
        }

        if (_runs.Count > 0 && _runs[^1].End == firstPage)
        {
            _runs[^1] = new PageRun(_runs[^1].First, _runs[^1].Count + (uint)hashes.Length);
        }
        else
        {
            _runs.Add(new PageRun(firstPage, (uint)hashes.Length));
        }

        _hashes.AddRange(hashes);
    }

    public void Clear()
    {
        _runs.Clear();
        _hashes.Clear();
    }

    /// <summary>The first page past <paramref name="before"/> that is needed and not here: a database that grows has every new page in its changeset. Null: none is missing.</summary>
    public uint? FirstMissing(DatabaseShape before, DatabaseShape after)
    {
        var next = (ulong)before.PageCount + 1;
        foreach (var run in _runs)
        {
            next = SkipLockByte(next, after);
            if (run.End <= next)
            {
                continue;
            }

            if (run.First > next)
            {
                break;
            }

            next = run.End;
        }

        next = SkipLockByte(next, after);
        return next <= after.PageCount ? (uint)next : null;
    }

    private static ulong SkipLockByte(ulong page, DatabaseShape shape) => page == shape.LockBytePage ? page + 1 : page;
}
