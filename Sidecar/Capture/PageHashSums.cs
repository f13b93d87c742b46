using BackupSidecar.Primitives;

namespace BackupSidecar.Capture;

/// <summary>Two sums over page hashes, mod 2^128, that follow a change in O(changed pages).</summary>
/// <param name="Plain">The sum that the fingerprint is made of.</param>
/// <param name="Ordered">The sum of hash × (2 × page + 1): two hashes that changed places show in it, as they do not in the other. The weights are odd, so that no hash loses bits.</param>
internal readonly record struct PageHashSums(UInt128 Plain, UInt128 Ordered)
{
    public static PageHashSums Zero => default;

    public PageHashSums Add(uint page, PageHash hash) => unchecked(new(Plain + hash.Value, Ordered + (hash.Value * Weight(page))));

    public PageHashSums Subtract(uint page, PageHash hash) => unchecked(new(Plain - hash.Value, Ordered - (hash.Value * Weight(page))));

    public PageHashSums Add(uint firstPage, ReadOnlySpan<PageHash> hashes)
    {
        var sums = this;
        for (var i = 0; i < hashes.Length; i++)
        {
            sums = sums.Add(firstPage + (uint)i, hashes[i]);
        }

        return sums;
    }

    public PageHashSums Subtract(uint firstPage, ReadOnlySpan<PageHash> hashes)
    {
        var sums = this;
        for (var i = 0; i < hashes.Length; i++)
        {
            sums = sums.Subtract(firstPage + (uint)i, hashes[i]);
        }

        return sums;
    }

    private static UInt128 Weight(uint page) => (2 * (ulong)page) + 1;
}
