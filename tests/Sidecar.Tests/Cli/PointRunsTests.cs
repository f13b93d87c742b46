using BackupSidecar.Cli;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;

namespace BackupSidecar.Tests.Cli;

public sealed class PointRunsTests
{
    [Fact]
    public void Captures_in_a_row_are_one_run_whatever_the_times_between_them()
    {
        var runs = Runs([Pack(0, 1, 0), .. Enumerable.Range(1, 600).Select(i => Pack((ulong)i, (ulong)i + 1, i * i))]);

        var run = Assert.Single(runs);
        Assert.Equal((1UL, 601UL, 601, 0L, true), (run.First, run.Last, run.Points, run.EveryMs, run.Restorable));
        Assert.Equal(UtcMicroseconds.ToTime(Noon), run.From);
    }

    [Fact]
    public void Sparser_points_are_runs_by_how_sparse_they_are()
    {
        // A day of hours, an hour of minutes, then twenty captures; and one night in which nothing happened.
        var packs = new List<PackEntry> { Pack(0, 1, 0) };
        var (at, position) = (0L, 1UL);
        foreach (var (count, step, seconds) in ((int, ulong, long)[])[(10, 40, 3600), (1, 40, 12 * 3600), (10, 40, 3600), (50, 7, 60), (20, 1, 1)])
        {
            for (var i = 0; i < count; i++)
            {
                at += seconds;
                packs.Add(Pack(position, position + step, at));
                position += step;
            }
        }

        var runs = Runs(packs);

        Assert.Equal([3_600_000, 60_000, 0], runs.Select(run => run.EveryMs));
        Assert.Equal(packs.Count, runs.Sum(run => run.Points));
        Assert.Equal(21, runs[2].Points);
    }

    [Fact]
    public void A_missing_pack_is_a_run_of_its_own_and_a_timeline_says_where_it_starts()
    {
        var runs = Runs(
        [
            Pack(0, 1, 0), Pack(1, 2, 1), Pack(3, 4, 3), Pack(4, 5, 4),
            new PackEntry(new PackName(SampleSource, At(2), At(6, OtherLine), Noon + 6_000_000, new Id128<PackKind>(1)), 1000),
        ]);

        Assert.Equal(
            [("1-2", true, null), ("4-5", false, null), ("6-6", true, (ulong?)2)],
            runs.Select(run => ($"{run.First}-{run.Last}", run.Restorable, run.ParentPosition)));
        Assert.Equal(Line.ToString(), runs[2].ParentTimeline);
    }

    [Fact]
    public void Positions_that_only_tombstoned_packs_lead_to_are_not_shown()
    {
        var packs = new[] { Pack(0, 1, 0), Pack(1, 2, 1), Pack(2, 3, 2), Pack(1, 3, 2) };
        var tombstone = new Tombstone(new TombstoneName(SampleSource, Noon, new Id128<TombstoneKind>(1)), [packs[1].Name, packs[2].Name]);
        var catalog = new SourceCatalog(SampleRecord, packs, [], [], "memory") { Tombstones = [tombstone] };

        Assert.Equal([1UL, 3UL], PointRuns.PointsOf(catalog).Select(point => point.Position));
    }

    private static List<BackupSidecar.Cli.Documents.ListedRun> Runs(IReadOnlyList<PackEntry> packs)
    {
        var catalog = CatalogOf(packs);
        return [.. PointRuns.Of(catalog, PointRuns.PointsOf(catalog))];
    }

    private static PackEntry Pack(ulong from, ulong to, long secondsAfterNoon) =>
        new(new PackName(SampleSource, At(from), At(to), Noon + (secondsAfterNoon * 1_000_000), new Id128<PackKind>(to)), 1000);
}
