using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>serve, a real process, lives on while the application does, one after the other, all that can mislead whoever follows a log; or it stands still meanwhile, as under a debugger.</summary>
public sealed class FollowedPassageTests(ITestOutputHelper output)
{
    [Fact]
    public Task Alive_it_keeps_up_with_all_of_them() => FollowBench.RunAsync(output, async bench =>
    {
        Passage[] passages = [.. Passage.All];
        bench.Random.Shuffle(passages);
        foreach (var passage in passages)
        {
            output.WriteLine(passage.Name);
            await bench.StandAtFrameAsync();
            await passage.RunAsync(bench);
            await bench.CaughtUpAsync();
            await bench.Followed.AssertEarlierPointsAsync(FollowBench.EarlierPoints);
        }
    });

    [Fact]
    public Task Standing_still_it_keeps_up_afterwards_with_all_of_them() => FollowBench.RunAsync(output, async bench =>
    {
        Passage[] passages = [.. Passage.All];
        bench.Random.Shuffle(passages);
        foreach (var passage in passages.Where(passage => !passage.Name.Contains("index", StringComparison.Ordinal)))
        {
            output.WriteLine(passage.Name);
            await bench.StandAtFrameAsync();
            bench.Sidecar.Pause();
            await passage.RunAsync(bench);
            bench.Sidecar.Resume();
            await bench.CaughtUpAsync();
            await bench.Followed.AssertEarlierPointsAsync(FollowBench.EarlierPoints);
        }
    });
}
