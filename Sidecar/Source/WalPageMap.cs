using System.Runtime.InteropServices;

namespace BackupSidecar.Source;

/// <summary>Which frame of the log holds the newest content of a page. 8 bytes a frame while it is built; pages that no frame holds are in the database.</summary>
internal sealed class WalPageMap
{
    /// <summary>64 MiB of map; 16 GiB of log with 4 KiB pages. A log beyond it is refused: its checkpoints have long been failing.</summary>
    public const uint FramesMax = 8 << 20;

    /// <summary>Page number in the upper half, frame number in the lower: sorted, the newest frame of a page is the last of its run.</summary>
    private readonly List<ulong> _entries = [];

    public int Count => _entries.Count;

    /// <summary>After <see cref="Complete"/>: the pages that a frame holds, ascending.</summary>
    public IEnumerable<uint> Pages => _entries.Select(Page);

    public void Add(uint page, uint frame) => _entries.Add(((ulong)page << 32) | frame);

    /// <summary>Drops everything after this many entries: frames past the last commit.</summary>
    public void Truncate(int count) => _entries.RemoveRange(count, _entries.Count - count);

    /// <summary>Ends building: keeps the newest frame of each page.</summary>
    public void Complete()
    {
        var entries = CollectionsMarshal.AsSpan(_entries);
        entries.Sort();
        var kept = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            if (i + 1 == entries.Length || Page(entries[i]) != Page(entries[i + 1]))
            {
                entries[kept++] = entries[i];
            }
        }

        Truncate(kept);
        _entries.TrimExcess();
    }

    /// <summary>The entries of pages from <paramref name="firstPage"/> up to, not including, <paramref name="endPage"/>.</summary>
    public ReadOnlySpan<ulong> Range(uint firstPage, ulong endPage)
    {
        var entries = CollectionsMarshal.AsSpan(_entries);
        var start = LowerBound(entries, (ulong)firstPage << 32);
        var end = endPage > uint.MaxValue ? entries.Length : LowerBound(entries, endPage << 32);
        return entries[start..end];
    }

    public static uint Page(ulong entry) => (uint)(entry >> 32);

    public static uint Frame(ulong entry) => (uint)entry;

    private static int LowerBound(ReadOnlySpan<ulong> entries, ulong value)
    {
        var found = entries.BinarySearch(value);
        return found < 0 ? ~found : found;
    }
}
