using BackupSidecar.Primitives;
using CsCheck;
using Xunit;

namespace BackupSidecar.Tests.Primitives;

public sealed class PageSetTests
{
    [Fact]
    public void It_holds_what_was_added_up_to_its_limit() =>
        Gen.Select(Gen.UInt[0, 300], Gen.UInt[0, 310].Array[0, 200]).Sample((pageMax, pages) =>
        {
            var set = new PageSet(pageMax);
            var expected = new HashSet<uint>();
            foreach (var page in pages)
            {
                Assert.Equal(page <= pageMax && expected.Add(page), set.TryAdd(page));
            }

            for (uint page = 0; page < 320; page++)
            {
                Assert.Equal(expected.Contains(page), set.Contains(page));
            }
        });

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1u << 20)]
    public void The_last_page_fits_and_the_next_does_not(uint pageMax)
    {
        var set = new PageSet(pageMax);

        Assert.True(set.TryAdd(pageMax));
        Assert.False(set.TryAdd(pageMax));
        Assert.False(set.TryAdd(pageMax + 1));
        Assert.False(set.Contains(pageMax + 1));
        Assert.False(set.Contains(uint.MaxValue));
    }
}
