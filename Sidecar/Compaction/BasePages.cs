using BackupSidecar.Primitives;

namespace BackupSidecar.Compaction;

/// <summary>The page hashes of a position, asked for in ascending order of pages.</summary>
/// <param name="walk">Over the packs of its chain.</param>
/// <param name="pageCount">Of the position.</param>
internal sealed class BasePages(MergeWalk walk, uint pageCount)
{
    private PageTotals _totals;
    private MergeInput? _at;
    private bool _hasBegun;

    /// <param name="page">Larger than in the call before.</param>
    /// <param name="hash">What it is to be.</param>
    /// <returns>True if the position has this page with this hash.</returns>
    public async ValueTask<bool> HasAsync(uint page, PageHash hash)
    {
        await GoToAsync(page);
        return _at is { } at && at.Page == page && at.Hash.Value == hash.Value;
    }

    /// <returns>What all hashes of the position add up to.</returns>
    public async ValueTask<PageTotals> CompleteAsync()
    {
        await GoToAsync((ulong)pageCount + 1);
        await walk.CompleteAsync();
        return _totals;
    }

    private async ValueTask GoToAsync(ulong page)
    {
        while (!_hasBegun || (_at is { } at && at.Page < page))
        {
            _hasBegun = true;
            _at = await walk.NextAsync();
            if (_at is { } next && next.Page <= pageCount)
            {
                _totals = _totals.Add(next.Hash);
            }
        }
    }
}
