namespace BackupSidecar.Primitives;

/// <summary>A set of page numbers up to a limit, one bit each: 32 KiB for a database of 1 GiB with 4 KiB pages.</summary>
internal sealed class PageSet(uint pageMax)
{
    private readonly ulong[] _words = new ulong[((long)pageMax / 64) + 1];

    /// <returns>False if the page was in the set, or lies past the limit.</returns>
    public bool TryAdd(uint page)
    {
        if (page > pageMax)
        {
            return false;
        }

        ref var word = ref _words[page / 64];
        var bit = 1UL << (int)(page % 64);
        var added = (word & bit) == 0;
        word |= bit;
        return added;
    }

    public bool Contains(uint page) => page <= pageMax && (_words[page / 64] & (1UL << (int)(page % 64))) != 0;
}
