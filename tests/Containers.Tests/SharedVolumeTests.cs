using BackupSidecar.Testing;
using DotNet.Testcontainers.Containers;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>An app and the sidecar in two containers on one volume.</summary>
public sealed class SharedVolumeTests(ITestOutputHelper output)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1654:1654", "022", false)] // the same user
    [InlineData("2000:1654", "002", false)] // another user whose files the group may write
    [InlineData("2000:2000", "022", true)] // another user and group whose files everybody may read
    public async Task Every_commit_of_an_app_is_restored_exactly(string user, string umask, bool isForeign)
    {
        await using var scene = await Scene.CreateAsync(isForeign: isForeign);
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

    [Theory]
    [InlineData("true", Scene.Database, "/data/app.db cannot be read by", "600")]
    [InlineData("mkdir /data/own", "/data/own/app.db", "since /data/own cannot be searched by", "700")]
    public async Task A_database_that_another_user_keeps_to_itself_is_refused_with_what_to_do(string before, string database, string refusal, string mode)
    {
        var said = $"{refusal} uid 1654 and gid 1654: it belongs to uid 2000 and gid 2000 with mode {mode}.";
        await using var scene = await Scene.CreateAsync(isForeign: true);
        (await scene.RunAsync(scene.Tools("2000:2000", "sh", "-c", $"umask 077; {before}; sqlite3 {database} 'CREATE TABLE t (n)'"))).ShouldEnd(0);

        foreach (var (command, code) in ((string, int)[])[("backup", 1), ("doctor", 15)])
        {
            var refused = (await scene.RunAsync(scene.Sidecar(command, "--database", database, "--repository", "/backups"))).ShouldEnd(code).ToString();
            Assert.Contains(said, refused, StringComparison.Ordinal);
            Assert.Contains("--user 2000:2000", refused, StringComparison.Ordinal);
        }

        // serve says it and goes on trying: whoever looks after the app may mend it.
        var sidecar = await scene.StartAsync(Scene.Serving(scene.Sidecar("serve", "--database", database, "--repository", "/backups")));
        Assert.Contains(said, (await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "status")).Output, StringComparison.Ordinal);
        await sidecar.StopAsync(Ct);

        // As the hint says, and with the group that the other volumes belong to; what another user began there would be refused.
        (await scene.RunAsync(scene.Sidecar("backup", "--database", database, "--repository", "/backups/own", "--state", "/state/own")
            .WithCreateParameterModifier(parameters => (parameters.User, parameters.HostConfig!.GroupAdd) = ("2000:2000", ["1654"])))).ShouldEnd(0);
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
