using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Primitives;

/// <summary>A set of pages without a limit behaves as a sorted set does, and tells its pages in runs.</summary>
public sealed class GrowingPageSetTests(ITestOutputHelper output)
{
    [Fact]
    public void It_holds_what_a_sorted_set_holds()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (set, expected) = (new GrowingPageSet(), new SortedSet<uint>());
        for (var i = 0; i < 2000; i++)
        {
            var page = (uint)random.Next(1, 1 << random.Next(1, 20));
            set.Add(page);
            expected.Add(page);
        }

        Assert.Equal(expected, set);
        Assert.Equal(expected.Count, set.Count);
        Assert.All(Enumerable.Range(0, 5000), page => Assert.Equal(expected.Contains((uint)page), set.Contains((uint)page)));
        Assert.False(set.Contains(uint.MaxValue));
        var runs = set.Runs(pageMax: 3000, countMax: 7).ToList();
        Assert.Equal(expected.Where(page => page <= 3000), runs.SelectMany(run => Enumerable.Range((int)run.First, (int)run.Count)).Select(page => (uint)page));
        Assert.All(runs, run => Assert.InRange(run.Count, 1u, 7u));
    }

    [Fact]
    public void An_empty_set_has_no_run() => Assert.Empty(new GrowingPageSet().Runs(uint.MaxValue, 64));

    [Fact]
    public void The_last_page_that_there_can_be_is_held()
    {
        var set = new GrowingPageSet();
        set.Add(uint.MaxValue - 1);
        Assert.Equal([uint.MaxValue - 1], set);
    }
}
