using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>The line to Drive is cut, blocked and slow, and serve is killed meanwhile: what was acknowledged is there, once, and restores.</summary>
public sealed class BrokenLineTests(ITestOutputHelper output)
{
    private const int Kills = 50;
    private const int LargeBytes = 6_000_000;

    /// <summary>On a line that works, and on one over which maybe nothing comes any more.</summary>
    private static readonly TimeSpan LifeMax = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BrokenLifeMax = TimeSpan.FromSeconds(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_commit_is_lost_by_kills_on_a_line_that_breaks_blocks_and_crawls()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        var random = new Random(seed);
        await using var scene = await BrokenDriveScene.StartAsync();
        for (var kill = 0; kill < Kills * ProofSettings.Scale; kill++)
        {
            await scene.Line.OpenAsync();
            if (random.Next(3) == 0)
            {
                await scene.Line.SlowDownAsync(milliseconds: random.Next(1, 15), bytesPerSecond: random.Next(2, 20) * 1_000_000);
            }

            await using var serve = await scene.Scene.ServeAsync();
            var isBroken = random.Next(2) == 0;
            var breaking = isBroken ? BreakAsync(scene, random.Next(4), random.Next(1, 50), random.Next(20, 200)) : Task.CompletedTask;
            await scene.WorkUntilKilledAsync(serve, random.Next(5, 70), random.Next(60), isBroken ? BrokenLifeMax : LifeMax, () => random.Next(2) == 0 ? 3_000 : LargeBytes);
            await breaking;
            if (random.Next(10) == 0)
            {
                scene.Scene.LoseLocal();
            }
        }

        output.WriteLine($"{Kills * ProofSettings.Scale} kills, {scene.Commits} commits, {scene.Acknowledged} acknowledged");
        await scene.AssertNothingLostAsync();
    }

    [Fact]
    public async Task A_line_that_is_cut_in_the_middle_of_an_upload_and_comes_back_costs_nothing_but_time()
    {
        await using var scene = await BrokenDriveScene.StartAsync();
        await using (var serve = await scene.Scene.ServeAsync())
        {
            Assert.True(await scene.EnsureAsync("60s"));
            for (var again = 0; again < 3; again++)
            {
                var isUnderWay = await scene.Line.HoldAfterAsync(LargeBytes / 2);
                await scene.CommitAsync(LargeBytes);
                var asked = scene.EnsureAsync("90s");
                await isUnderWay;
                await scene.Line.CutAsync();
                Assert.False(asked.IsCompleted, "nothing can have been acknowledged");
                await scene.Line.OpenAsync();
                Assert.True(await asked);
            }

            serve.Kill();
            _ = await serve.WaitForExitAsync(Ct);
        }

        await scene.AssertNothingLostAsync();
    }

    /// <summary>Cut and back, cut until the next life, blocked and back, or blocked until then.</summary>
    private static async Task BreakAsync(BrokenDriveScene scene, int kind, int afterRequests, int milliseconds)
    {
        var (began, requests) = (TimeProvider.System.GetTimestamp(), await scene.Emulator.RequestsAsync() + afterRequests);
        while (await scene.Emulator.RequestsAsync() < requests && TimeProvider.System.GetElapsedTime(began) < BrokenLifeMax)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }

        await (kind < 2 ? scene.Line.CutAsync() : scene.Line.SwallowAsync());
        if (kind % 2 == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, Ct);
            await scene.Line.OpenAsync();
        }
    }
}
