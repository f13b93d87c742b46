using BackupSidecar.Testing;
using DotNet.Testcontainers.Containers;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>An app and the sidecar in two containers on one volume.</summary>
public sealed class SharedVolumeTests(ITestOutputHelper output)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1654:1654", "022")] // the same user
    [InlineData("2000:1654", "002")] // another user whose files the group may write
    public async Task Every_commit_of_an_app_is_restored_exactly(string user, string umask)
    {
        await using var scene = await Scene.CreateAsync();
        var sidecar = await scene.StartAsync(scene.Serve());
        var writer = await scene.StartAsync(scene.Writer(user, umask));
        await Scene.UntilCommittedAsync(writer, 100);

        for (var round = 0; round < 3; round++)
        {
            var committed = await Scene.LastCommittedAsync(writer);
            await Scene.EnsureDurableAsync(sidecar);
            var restored = await scene.RestoreAsync();
            Assert.True(restored.Rows >= committed, $"{restored.Rows} rows were restored, {committed} had been committed");
            Assert.Equal(restored.Last, restored.Rows);
        }

        await writer.StopAsync(Ct);
        await Scene.EnsureDurableAsync(sidecar);
        Assert.Equal(await scene.CheckAsync(), await scene.RestoreAsync());
    }

    [Fact]
    public async Task Whatever_is_killed_paused_or_started_again_no_acknowledged_commit_is_lost()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        var random = new Random(seed);
        await using var scene = await Scene.CreateAsync();
        var sidecar = await scene.StartAsync(scene.Serve());
        var writer = await scene.StartAsync(scene.Writer());
        await Scene.UntilCommittedAsync(writer, 20);
        var durable = 0L;
        for (var step = 0; step < 25 * ProofSettings.Scale; step++)
        {
            var victim = random.Next(2) == 0 ? sidecar : writer;
            switch (random.Next(4))
            {
                case 0:
                    await Scene.SignalAsync(victim, "KILL");
                    _ = await victim.GetExitCodeAsync(Ct);
                    await victim.StartAsync(Ct);
                    break;
                case 1:
                    await victim.PauseAsync(Ct);
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300)), TimeProvider.System, Ct);
                    await victim.UnpauseAsync(Ct);
                    break;
                case 2:
                    await victim.StopAsync(Ct);
                    await victim.StartAsync(Ct);
                    break;
                default:
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500)), TimeProvider.System, Ct);
                    break;
            }

            var committed = await Scene.LastCommittedAsync(writer);
            if ((await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "ensure-durable")).ExitCode == 0)
            {
                durable = committed;
            }

            if (step % 5 == 4)
            {
                var restored = await scene.RestoreAsync();
                Assert.True(restored.Rows >= durable && restored.Rows == restored.Last, $"step {step}: {restored} restored, {durable} acknowledged");
            }
        }

        Assert.True(durable > 0);
        await writer.StopAsync(Ct);
        await Scene.EnsureDurableAsync(sidecar);
        Assert.Equal(await scene.CheckAsync(), await scene.RestoreAsync());
    }

    [Fact]
    public async Task Stopped_it_makes_a_final_capture_within_its_grace()
    {
        await using var scene = await Scene.CreateAsync();
        var sidecar = await scene.StartAsync(scene.Serve("--interval", "1h"));
        var writer = await scene.StartAsync(scene.Writer());
        await Scene.UntilCommittedAsync(writer, 200);
        await writer.StopAsync(Ct);

        await Docker.RunAsync(["stop", "--time", "10", sidecar.Id], Ct);

        Assert.Equal(0, await sidecar.GetExitCodeAsync(Ct));
        Assert.Equal(await scene.CheckAsync(), await scene.RestoreAsync());
    }
}
