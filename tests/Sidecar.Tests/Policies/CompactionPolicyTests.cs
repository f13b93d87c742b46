using BackupSidecar.Policies;
using BackupSidecar.Primitives;
using BackupSidecar.Testing;
using Xunit;
using static BackupSidecar.Tests.Policies.PolicyBench;

namespace BackupSidecar.Tests.Policies;

public sealed class CompactionPolicyTests(ITestOutputHelper output)
{
    [Fact]
    public void Captures_of_a_span_are_merged_once_it_is_over()
    {
        var bench = BenchWith(0, 1, 2, 3);
        bench.Now = Noon.AddSeconds(9.9);
        Assert.Empty(bench.Decide().Merges);
        Assert.Equal(Noon.AddSeconds(10), bench.Decide().Next);

        bench = BenchWith(0, 1, 2, 3, 11, 12);

        // The full is its own: nothing skips the position that it leads to.
        bench.Now = Noon.AddSeconds(12.5);
        Assert.Equal(["1-2 2-3 3-4"], Merges(bench));

        bench.Now = Noon.AddSeconds(20);
        Assert.Equal(["1-2 2-3 3-4", "4-5 5-6"], Merges(bench));
    }

    [Fact]
    public void A_level_merges_what_the_one_before_it_made()
    {
        var bench = BenchWith(0, 1, 2, 11, 12, 21, 22);
        bench.Now = Noon.AddSeconds(60);

        Assert.Equal(["1-2 2-3", "3-4 4-5", "5-6 6-7"], Merges(bench));
        bench.Add(At(1), At(3));
        bench.Add(At(3), At(5));
        bench.Add(At(5), At(7));
        Assert.Equal(["1-3 3-5 5-7"], Merges(bench));
        bench.Add(At(1), At(7));
        Assert.Empty(Merges(bench));
    }

    [Fact]
    public void A_merge_never_skips_a_position_that_a_backup_names()
    {
        var bench = BenchWith(0, 1, 2, 3, 4, 5);
        bench.Named.Add(At(4));
        bench.Now = Noon.AddDays(3);

        Assert.Equal(["1-2 2-3 3-4", "4-5 5-6"], Merges(bench));
        bench.Compact();
        Assert.True(bench.CanReach(At(4)));
        Assert.Equal(3, bench.Packs.Count);
    }

    [Fact]
    public void A_merge_never_crosses_timelines_nor_skips_where_one_begins()
    {
        var bench = BenchWith(0, 1, 2, 3);
        _ = bench.Capture(At(3), OtherLine);
        _ = bench.Capture(At(5, OtherLine), OtherLine);
        bench.Now = Noon.AddSeconds(60);

        // The first changeset of the new timeline starts on the old one; 4 is its end, 3 the parent of the new one.
        Assert.Equal(["1-2 2-3", "3-5 5-6"], Merges(bench));
    }

    [Fact]
    public void The_clock_going_back_and_forth_neither_stops_compaction_nor_costs_a_point()
    {
        var bench = BenchWith(0, 1, 2, 90_000_000, 90_000_001, 3, 4, 5);
        bench.Now = Noon.AddMinutes(10);

        Assert.Equal(["1-2 2-3", "3-4 4-5", "5-6 6-7 7-8"], Merges(bench));
        bench.Now = Noon.AddHours(1.5);
        bench.Compact();
        Assert.True(bench.CanReach(At(5)));
        Assert.True(bench.CanReach(At(8)));
    }

    [Fact]
    public void Nothing_inside_the_window_is_removed_and_outside_only_points_of_spans_stay()
    {
        var bench = BenchWith(0, 1, 2, 3, 11, 12, 13);

        bench.Now = Noon.AddHours(1);
        bench.Compact();
        Assert.All(bench.History, row => Assert.True(bench.CanReach(row.Position)));

        bench.Now = Noon.AddHours(1).AddSeconds(14);
        bench.Compact();
        Assert.Equal([At(1), At(4), At(7)], bench.History.Select(row => row.Position).Where(bench.CanReach));

        // The points of ten seconds end, those of a minute go on; then the day is left. A full has no other way.
        bench.Now = Noon.AddHours(2).AddSeconds(14);
        bench.Compact();
        Assert.Equal("0-1 1-7", bench.Text(Enumerable.Range(0, bench.Packs.Count)));
        bench.Now = Noon.AddDays(400);
        bench.Compact();
        Assert.True(bench.CanReach(At(7)));
    }

    [Fact]
    public void Coarse_packs_stay_while_finer_ones_do()
    {
        // The pack of a day is what makes chains to later days short, although the hours can be used to rebuild its end.
        var bench = new PolicyBench();
        for (var hour = 0; hour < 40; hour++)
        {
            bench.Now = Noon.AddHours(hour);
            _ = bench.Capture();
        }

        bench.Now = Noon.AddDays(3);
        bench.Compact();

        Assert.All(bench.History, row => Assert.True(bench.CanReach(row.Position)));
        Assert.Equal(3, bench.ChainLength(At(36)));
    }

    [Fact]
    public void Nothing_is_removed_while_a_backup_cannot_be_rebuilt()
    {
        var bench = BenchWith(0, 1, 2, 3, 4);
        bench.Now = Noon.AddHours(30);
        bench.Compact();
        bench.Named.Add(At(3));

        bench.Now = Noon.AddDays(40);
        Assert.True(bench.Decide().IsHeldBack);
        Assert.Empty(bench.Decide().Removals);
    }

    [Fact]
    public void What_lies_behind_a_missing_pack_is_neither_merged_nor_removed()
    {
        var bench = new PolicyBench();
        _ = bench.Capture();
        bench.Add(At(2), At(3));
        bench.Add(At(3), At(4));
        bench.Add(At(1), At(9));
        bench.Now = Noon.AddDays(9);

        Assert.Empty(bench.Decide().Merges);
        Assert.Empty(bench.Decide().Removals);
    }

    [Fact]
    public void Tombstoned_packs_are_not_counted_on()
    {
        var bench = BenchWith(0, 1, 2);
        bench.Add(At(1), At(3));
        bench.Now = Noon.AddHours(2);

        bench.Tombstone(3);
        Assert.True(CompactionPolicy.MaySweep(bench.State()));
        Assert.Equal(["1-2 2-3"], Merges(bench));

        // Now nothing else leads to 3, which a backup names.
        bench.Tombstone(2);
        Assert.True(CompactionPolicy.MaySweep(bench.State()));
        bench.Named.Add(At(3));
        Assert.False(CompactionPolicy.MaySweep(bench.State()));
        Assert.True(bench.Decide().IsHeldBack);
    }

    [Theory]
    [InlineData(8, 10, "days")]
    [InlineData(2, 600, "bytes")]
    public void A_full_is_due_after_days_or_bytes_and_leads_to_the_end_of_a_day(int days, long length, string reason)
    {
        output.WriteLine(reason);
        var bench = new PolicyBench();
        _ = bench.Capture(length: 1000);
        for (var day = 0; day < days; day++)
        {
            bench.Now = Noon.AddDays(day).AddHours(1);
            _ = bench.Capture(length);
            _ = bench.Capture(length);
        }

        bench.Now = Noon.AddDays(days - 1).Date.AddDays(1).AddSeconds(1);
        bench.Compact();

        var fulls = bench.Packs.Where(pack => pack.IsFull).ToList();
        Assert.Equal(2, fulls.Count);
        Assert.Equal(bench.History[^1].Position, fulls[1].To);
        Assert.Equal(1, bench.ChainLength(bench.History[^1].Position));
    }

    [Fact]
    public void Where_even_days_end_backups_and_the_ends_of_timelines_stay()
    {
        CompactionLevel[] levels =
        [
            new(TimeSpan.FromSeconds(10), TimeSpan.FromHours(2)), new(TimeSpan.FromMinutes(1), TimeSpan.FromDays(2)), new(TimeSpan.FromDays(1), TimeSpan.FromDays(10)),
        ];
        var bench = new PolicyBench(new CompactionPolicyOptions { Levels = levels });
        for (var day = 0; day < 30; day++)
        {
            bench.Now = Noon.AddDays(day);
            _ = day == 20 ? bench.Capture(Position.None, OtherLine) : bench.Capture(bench.History.Count == 0 ? Position.None : bench.History[^1].Position, day < 20 ? Line : OtherLine);
            if (day == 3)
            {
                bench.Named.Add(bench.History[^1].Position);
            }

            bench.Compact();
        }

        bench.Now = Noon.AddDays(60);
        bench.Compact();

        Assert.Equal([At(4), At(20), At(30, OtherLine)], bench.History.Select(row => row.Position).Where(bench.CanReach).Except(bench.Packs.Where(pack => pack.IsFull).Select(pack => pack.To)));
        Assert.InRange(bench.Packs.Count, 3, 12);
    }

    [Fact]
    public void Many_packs_are_merged_in_rounds()
    {
        var bench = new PolicyBench(FineLevels with { InputsMax = 4 });
        for (var i = 0; i < 12; i++)
        {
            bench.Now = Noon.AddMilliseconds(i);
            _ = bench.Capture();
        }

        bench.Now = Noon.AddSeconds(10);
        Assert.Equal(["1-2 2-3 3-4 4-5", "5-6 6-7 7-8 8-9", "9-10 10-11 11-12"], Merges(bench));
        bench.Compact();
        Assert.Equal(2, bench.ChainLength(At(12)));
    }

    [Fact]
    public void Large_inputs_make_more_rounds()
    {
        var bench = new PolicyBench();
        for (var i = 0; i < 100; i++)
        {
            bench.Now = Noon.AddMilliseconds(i);
            _ = bench.Capture(length: 1L << 30);
        }

        bench.Now = Noon.AddSeconds(10);
        Assert.True(bench.Decide().Merges.Count > 1);
        Assert.All(
            bench.Decide().Merges,
            merge => Assert.True(merge.Inputs.Sum(place => CompactionPolicy.InputCost(bench.Packs[place].Length)) <= bench.Options.InputBytesMax));
    }

    [Fact]
    public void A_merge_that_failed_is_not_asked_for_again_and_holds_nothing_else_up()
    {
        var bench = BenchWith(0, 1, 2, 11, 12);
        bench.Now = Noon.AddSeconds(20);
        var state = bench.State() with { Failed = new HashSet<(Position, Position)> { (At(1), At(3)) } };

        Assert.Equal(["3-4 4-5"], new CompactionPolicy(FineLevels).Decide(state).Merges.Select(merge => bench.Text(merge.Inputs)));
    }

    [Fact]
    public void When_to_look_again_is_known()
    {
        var bench = BenchWith(0, 1, 2);
        bench.Now = Noon.AddSeconds(5);
        Assert.Equal(Noon.AddSeconds(10), bench.Compact().Next);

        // Following only what it says leads to the same end as looking all the time, and it ends.
        var looks = 0;
        while (bench.Compact().Next is { } next && looks++ < 50)
        {
            Assert.True(next > bench.Now);
            bench.Now = next;
        }

        output.WriteLine($"{looks} looks, until {bench.Now:O}");
        Assert.InRange(looks, 1, 20);
        Assert.Equal("0-1 1-3", bench.Text(Enumerable.Range(0, bench.Packs.Count)));
    }

    [Fact]
    public void Options_that_do_not_fit_together_are_named()
    {
        Assert.Null(new CompactionPolicyOptions().FindProblem());
        Assert.Contains("multiple", WithLevels((10, 100), (25, 200)).FindProblem(), StringComparison.Ordinal);
        Assert.Contains("kept", WithLevels((10, 15), (20, 200)).FindProblem(), StringComparison.Ordinal);
        Assert.NotNull(new CompactionPolicyOptions { Levels = [] }.FindProblem());
        Assert.NotNull(new CompactionPolicyOptions { InputsMax = 1 }.FindProblem());

        static CompactionPolicyOptions WithLevels(params (int Span, int Keep)[] levels) =>
            new() { Levels = [.. levels.Select(level => new CompactionLevel(TimeSpan.FromSeconds(level.Span), TimeSpan.FromSeconds(level.Keep)))] };
    }

    [Fact]
    public void Whatever_happens_every_promised_point_stays()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        for (var history = 0; history < 60 * ProofSettings.Scale; history++)
        {
            WalkRandomly(new Random(seed + history), history % 2 == 0 ? new CompactionPolicyOptions() : FineLevels);
        }
    }

    /// <summary>A week at a capture every six seconds, compacted every twenty minutes.</summary>
    [Fact]
    public void Over_a_week_a_restore_reads_two_dozen_packs_and_the_newest_short_ones()
    {
        var bench = new PolicyBench(new CompactionPolicyOptions());
        var (sum, count, most) = (0, 0, 0);
        _ = bench.Capture(length: 100_000);
        for (var second = 6; second <= 7 * 24 * 3600; second += 6)
        {
            bench.Now = Noon.AddSeconds(second);
            _ = bench.Capture(length: 20);
            if (second % 1200 == 0)
            {
                bench.Compact();
                var length = bench.ChainLength(bench.History[^1].Position);
                (sum, count, most) = (sum + length, count + 1, Math.Max(most, length));
            }
        }

        bench.Compact();
        var chains = CompactionGraph.ChainsOf(bench.State(), _ => true);
        var lengths = bench.History.Where(row => chains.Reaches(row.Position)).Select(row => chains.To(row.Position).Count()).ToList();
        output.WriteLine($"newest: {sum / (double)count:0.0} packs on average, {most} at most; all {lengths.Count} points: {lengths.Average():0.0}, {lengths.Max()} at most; {bench.Packs.Count} packs left");
        Assert.InRange(sum / (double)count, 1, 24);
        Assert.InRange(most, 1, 45);
        Assert.InRange(lengths.Average(), 1, 30);
        Assert.InRange(lengths.Max(), 1, 60);
    }

    private static void WalkRandomly(Random random, CompactionPolicyOptions options)
    {
        var bench = new PolicyBench(options);
        _ = bench.Capture(length: 2000);
        for (var step = 0; step < 150; step++)
        {
            bench.Now += TimeSpan.FromSeconds(Math.Pow(10, (random.NextDouble() * 6.5) - 1.5));
            switch (random.Next(12))
            {
                case 0:
                    bench.Named.Add(bench.History[^1].Position);
                    break;
                case 1:
                    _ = bench.Capture(bench.History[^1].Position, new TimelineId((ulong)random.NextInt64() | 1));
                    break;
                case 2:
                    _ = bench.Capture(Position.None, new TimelineId((ulong)random.NextInt64() | 1), 2000);
                    break;
                case 3:
                    bench.Compact();
                    AssertPromised(bench);
                    break;
                default:
                    var burst = random.Next(1, 20);
                    for (var i = 0; i < burst; i++)
                    {
                        bench.Now += TimeSpan.FromMilliseconds(random.Next(2000));
                        _ = bench.Capture(bench.History[^1].Position, bench.History[^1].Position.Timeline, random.Next(1, 300));
                    }

                    break;
            }
        }

        bench.Compact();
        AssertPromised(bench);
    }

    private static void AssertPromised(PolicyBench bench)
    {
        var chains = CompactionGraph.ChainsOf(bench.State(), _ => true);
        Assert.All(
            PromisedPoints.Of(bench.History, bench.Named, bench.Options, bench.Now),
            position => Assert.True(chains.Reaches(position), $"{position} is promised and cannot be rebuilt"));
    }

    /// <summary>Captured at these seconds after noon; the first one is a full.</summary>
    private static PolicyBench BenchWith(params int[] seconds)
    {
        var bench = new PolicyBench();
        foreach (var second in seconds)
        {
            bench.Now = Noon.AddSeconds(second);
            _ = bench.Capture();
        }

        return bench;
    }

    private static IEnumerable<string> Merges(PolicyBench bench) => bench.Decide().Merges.Select(merge => bench.Text(merge.Inputs));
}
