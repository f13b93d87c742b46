using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>
/// serve, a real process, is killed at a known frame of the log; then the application does what can mislead whoever follows a log. When it has come back, the newest
/// restore is the database, byte for byte, and earlier points are what was copied when they were the newest.
/// </summary>
public sealed class KilledFollowingTests(ITestOutputHelper output)
{
    /// <summary>The whole of it, where the program under test is the native one: what the runtime compiles as it goes starts fifty times as slowly.</summary>
    private static bool IsThorough => SidecarBinary.Current.IsPublished || ProofSettings.IsWhole;

    public static TheoryData<string> EveryPassage => [.. Passage.All.Select(passage => passage.Name)];

    public static TheoryData<string> EveryPassageWhileNobodyFollows => [.. Passage.WhileNobodyFollows.Select(passage => passage.Name)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task Killed_at_a_frame_it_catches_up_after_this_many_automatic_checkpoints(int checkpoints) => FollowBench.RunAsync(output, async bench =>
    {
        foreach (var fate in Enum.GetValues<StateFate>())
        {
            foreach (var offset in IsThorough ? (int[])[-1, 0, 1] : [bench.Random.Next(-1, 2)])
            {
                var frames = await bench.StandAtFrameAsync();
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
    public Task Killed_before_it_catches_up_after_it(string name) => FollowBench.RunAsync(output, bench => KilledBeforeAsync(
        bench,
        Passage.All.Single(passage => passage.Name == name),
        (ProofSettings.IsWhole, IsThorough) switch
        {
            (true, _) => Enum.GetValues<StateFate>(),
            (false, true) => [StateFate.Kept, (StateFate)bench.Random.Next(1, 3)],
            _ => [(StateFate)bench.Random.Next(0, 3)],
        }));

    /// <summary>Commits that were captured are gone afterwards, or nothing can be compared with what was: a new timeline, or the order of commits shows it.</summary>
    [Theory]
    [MemberData(nameof(EveryPassageWhileNobodyFollows))]
    public Task Killed_before_files_are_changed_it_catches_up(string name) => FollowBench.RunAsync(output, bench => KilledBeforeAsync(
        bench, Passage.WhileNobodyFollows.Single(passage => passage.Name == name), IsThorough ? [StateFate.Kept, StateFate.Deleted] : [(StateFate)bench.Random.Next(0, 2)]));

    private async Task KilledBeforeAsync(FollowBench bench, Passage passage, IEnumerable<StateFate> fates)
    {
        foreach (var fate in fates)
        {
            await bench.StandAtFrameAsync();
            await bench.KillSidecarAsync();
            await passage.RunAsync(bench);
            await ComeBackAsync(bench, fate);
        }
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
        await bench.Followed.AssertEarlierPointsAsync(FollowBench.EarlierPoints);
    }
}
