using BackupSidecar.Pack;
using BackupSidecar.Primitives;

namespace BackupSidecar.Compaction;

/// <summary>What the pages of a position add up to.</summary>
internal readonly record struct PageTotals(UInt128 Sum, uint Count)
{
    public PageTotals Add(PageHash hash) => new(unchecked(Sum + hash.Value), Count + 1);

    /// <summary>Checks that these are all pages of the position that a pack leads to, and the right ones.</summary>
    /// <exception cref="PackFormatException">They are not.</exception>
    public void EnsureAddsUpTo(PackReader last)
    {
        var shape = last.Header.ShapeAfter;
        var found = Fingerprint.Of(shape, Sum);
        if (found != last.Trailer.FingerprintAfter || Count != shape.StoredPageCount)
        {
            throw new PackFormatException(
                last.Name, $"the pages of its chain add up to fingerprint {found} with {Count} pages, expected {last.Trailer.FingerprintAfter} with {shape.StoredPageCount}");
        }
    }
}
