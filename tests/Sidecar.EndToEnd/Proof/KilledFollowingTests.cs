using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>
/// serve, a real process, is killed at a known frame of the log, or lives on, while the application does what can mislead whoever follows a log. Then the newest
/// restore is the database, byte for byte, and earlier points are what was copied when they were the newest.
/// </summary>
public sealed class KilledFollowingTests(ITestOutputHelper output)
{
    private const int EarlierPoints = 5;

    /// <summary>Frames at which the sidecar is killed: few, so that one commit overtakes them, to some hundred.</summary>
    private const int FramesMin = 20;
    private const int FramesMax = 400;

    /// <summary>Enough for some hundred kills.</summary>
    private static readonly TimeSpan RandomDuration = TimeSpan.FromSeconds(60) * ProofSettings.Scale;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> EveryPassage => [.. Passage.All.Select(passage => passage.Name)];

    public static TheoryData<string> EveryPassageWhileNobodyFollows => [.. Passage.WhileNobodyFollows.Select(passage => passage.Name)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task Killed_at_a_frame_it_catches_up_after_this_many_automatic_checkpoints(int checkpoints) => RunAsync(async bench =>
    {
        foreach (var fate in Enum.GetValues<StateFate>())
        {
            foreach (var offset in (int[])[-1, 0, 1])
            {
                var frames = await StandAtFrameAsync(bench);
                await bench.KillSidecarAsync();
                for (var passed = 0; passed < checkpoints; passed++)
                {
                    await bench.PassCheckpointAsync();
                }

                // Without a reset the log only grows.
                await bench.FillLogAsync(checkpoints == 0 ? frames + 2 + offset : frames + (offset * bench.Random.Next(1, frames)));
                await ComeBackAsync(bench, fate);
            }
        }
    });

    [Theory]
    [MemberData(nameof(EveryPassage))]
    public Task Killed_before_it_catches_up_after_it(string name) => RunAsync(bench => KilledBeforeAsync(
        bench,
        Passage.All.Single(passage => passage.Name == name),
        ProofSettings.IsWhole ? Enum.GetValues<StateFate>() : [StateFate.Kept, (StateFate)bench.Random.Next(1, 3)]));

    /// <summary>Commits that were captured are gone afterwards, or nothing can be compared with what was: a new timeline, or the order of commits shows it.</summary>
    [Theory]
    [MemberData(nameof(EveryPassageWhileNobodyFollows))]
    public Task Killed_before_files_are_changed_it_catches_up(string name) => RunAsync(bench => KilledBeforeAsync(
        bench, Passage.WhileNobodyFollows.Single(passage => passage.Name == name), [StateFate.Kept, StateFate.Deleted]));

    [Fact]
    public Task Alive_it_keeps_up_with_all_of_them() => RunAsync(async bench =>
    {
        Passage[] passages = [.. Passage.All];
        bench.Random.Shuffle(passages);
        foreach (var passage in passages)
        {
            output.WriteLine(passage.Name);
            await StandAtFrameAsync(bench);
            await passage.RunAsync(bench);
            await bench.CaughtUpAsync();
            await bench.Followed.AssertEarlierPointsAsync(EarlierPoints);
        }
    });

    [Fact]
    public Task Standing_still_it_keeps_up_afterwards_with_all_of_them() => RunAsync(async bench =>
    {
        Passage[] passages = [.. Passage.All];
        bench.Random.Shuffle(passages);
        foreach (var passage in passages.Where(passage => !passage.Name.Contains("index", StringComparison.Ordinal)))
        {
            output.WriteLine(passage.Name);
            await StandAtFrameAsync(bench);
            bench.Sidecar.Pause();
            await passage.RunAsync(bench);
            bench.Sidecar.Resume();
            await bench.CaughtUpAsync();
            await bench.Followed.AssertEarlierPointsAsync(EarlierPoints);
        }
    });

    private async Task KilledBeforeAsync(FollowBench bench, Passage passage, IEnumerable<StateFate> fates)
    {
        foreach (var fate in fates)
        {
            await StandAtFrameAsync(bench);
            await bench.KillSidecarAsync();
            await passage.RunAsync(bench);
            await ComeBackAsync(bench, fate);
        }
    }

    [Fact]
    public async Task Both_sides_survive_any_kill()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        await using var fleet = await Fleet.StartAsync(new Random(seed), FleetPace.Fast, Ct);
        var begun = TimeProvider.System.GetTimestamp();
        try
        {
            do
            {
                await fleet.RoundAsync();
            }
            while (TimeProvider.System.GetElapsedTime(begun) < RandomDuration);
        }
        finally
        {
            output.WriteLine(fleet.Report);
        }
    }

    /// <summary>A log of exactly so many frames, all of them captured.</summary>
    private static async Task<int> StandAtFrameAsync(FollowBench bench)
    {
        await bench.KeepEarlierAsync();
        await bench.RaiseChangeCounterAsync();
        var frames = bench.Random.Next(FramesMin, FramesMax);
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA wal_checkpoint(TRUNCATE)");
        await bench.FillLogAsync(frames / 2);
        await bench.Followed.ShelveAsync();
        await bench.FillLogAsync(frames);
        await bench.CaughtUpAsync();
        return frames;
    }

    private async Task ComeBackAsync(FollowBench bench, StateFate fate)
    {
        output.WriteLine($"state {fate}");
        if (fate == StateFate.Deleted)
        {
            bench.DeleteState();
        }
        else if (fate == StateFate.OfEarlier && bench.HasSavedState)
        {
            bench.PutBackState();
        }
        else
        {
            bench.SaveState();
        }

        bench.StartSidecar();
        await bench.CaughtUpAsync();
        await bench.Followed.AssertEarlierPointsAsync(EarlierPoints);
    }

    private async Task RunAsync(Func<FollowBench, Task> story)
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        for (var i = 0; i < ProofSettings.Scale; i++)
        {
            await using var bench = await FollowBench.StartAsync(new Random(unchecked(seed + i)), interval: "0s", Ct);
            await story(bench);
        }
    }
}
