using BackupSidecar.Source;
using CsCheck;
using Xunit;

namespace BackupSidecar.Tests.Source;

public sealed class WalPageMapTests
{
    /// <summary>Against a dictionary: the newest frame of each page, also after uncommitted frames were dropped, at both ends of what a page number can be.</summary>
    [Fact]
    public void It_knows_the_newest_frame_of_every_page() =>
        Gen.Select(Gen.OneOf(Gen.UInt[1, 30], Gen.UInt[uint.MaxValue - 5, uint.MaxValue]).Array[0, 60], Gen.Int[0, 60], Gen.UInt[1, 35], Gen.UInt[0, 40]).Sample(
            (pages, committed, first, count) =>
            {
                var map = new WalPageMap();
                var newest = new Dictionary<uint, uint>();
                for (var i = 0; i < pages.Length; i++)
                {
                    map.Add(pages[i], (uint)i + 1);
                    if (i < committed)
                    {
                        newest[pages[i]] = (uint)i + 1;
                    }
                }

                map.Truncate(Math.Min(committed, pages.Length));
                map.Complete();

                Assert.Equal(newest.Count, map.Count);
                AssertRange(map, newest, first, (ulong)first + count);
                AssertRange(map, newest, 1, (ulong)uint.MaxValue + 1);
                AssertRange(map, newest, uint.MaxValue, (ulong)uint.MaxValue + 1);
            });

    private static void AssertRange(WalPageMap map, Dictionary<uint, uint> newest, uint first, ulong end)
    {
        var found = map.Range(first, end).ToArray().Select(entry => (WalPageMap.Page(entry), WalPageMap.Frame(entry)));

        Assert.Equal(newest.Where(entry => entry.Key >= first && entry.Key < end).OrderBy(entry => entry.Key).Select(entry => (entry.Key, entry.Value)), found);
    }
}
