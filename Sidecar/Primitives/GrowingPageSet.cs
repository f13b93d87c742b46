using System.Collections;
using System.Numerics;

namespace BackupSidecar.Primitives;

/// <summary>A set of page numbers without a limit, one bit for each page up to the highest: 3 MB for a database of 100 GB with 4 KiB pages. Enumerated in ascending order.</summary>
internal sealed class GrowingPageSet : IReadOnlyCollection<uint>
{
    private const int WordBits = 64;

    private ulong[] _words = new ulong[1];

    public int Count { get; private set; }

    public void Add(uint page)
    {
        var index = (int)(page / WordBits);
        if (index >= _words.Length)
        {
            Array.Resize(ref _words, (int)BitOperations.RoundUpToPowerOf2((uint)index + 1));
        }

        var bit = 1UL << (int)(page % WordBits);
        Count += (_words[index] & bit) == 0 ? 1 : 0;
        _words[index] |= bit;
    }

    public void AddAll(IEnumerable<uint> pages)
    {
        foreach (var page in pages)
        {
            Add(page);
        }
    }

    public void AddAll(PageRun run)
    {
        for (ulong page = run.First; page < run.End; page++)
        {
            Add((uint)page);
        }
    }

    public bool Contains(uint page) => page / WordBits < (uint)_words.Length && (_words[page / WordBits] & (1UL << (int)(page % WordBits))) != 0;

    /// <summary>Consecutive pages together, in ascending order.</summary>
    /// <param name="pageMax">The last page that is wanted.</param>
    /// <param name="countMax">The pages that a run has at most.</param>
    public IEnumerable<PageRun> Runs(uint pageMax, uint countMax)
    {
        var run = default(PageRun);
        foreach (var page in this)
        {
            if (page > pageMax)
            {
                break;
            }

            if (run.Count > 0 && run.End == page && run.Count < countMax)
            {
                run = new PageRun(run.First, run.Count + 1);
                continue;
            }

            if (run.Count > 0)
            {
                yield return run;
            }

            run = new PageRun(page, 1);
        }

        if (run.Count > 0)
        {
            yield return run;
        }
    }

    public IEnumerator<uint> GetEnumerator()
    {
        for (var index = 0; index < _words.Length; index++)
        {
            for (var word = _words[index]; word != 0; word &= word - 1)
            {
                yield return (uint)((index * (long)WordBits) + BitOperations.TrailingZeroCount(word));
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
