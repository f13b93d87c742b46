using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>Memory, disks and rights that end.</summary>
public sealed class LimitsTests(ITestOutputHelper output)
{
    private const long Memory = 160 << 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_backup_and_a_restore_of_300_MB_run_through_in_160_MB_of_memory()
    {
        await using var scene = await Scene.CreateAsync();
        const string Fill = "import os, sqlite3\ndb = sqlite3.connect('/data/app.db')\ndb.execute('CREATE TABLE t (n INTEGER PRIMARY KEY, body BLOB)')\nfor n in range(300):\n    db.execute('INSERT INTO t VALUES (?, ?)', (n, os.urandom(1000000)))\n    db.commit()\n";
        (await scene.RunAsync(scene.Tools("1654:1654", "python3", "-c", Fill))).ShouldEnd(0);
        var sidecar = await scene.StartAsync(scene.Serve().WithCreateParameterModifier(parameters => (parameters.HostConfig!.Memory, parameters.HostConfig.MemorySwap) = (Memory, Memory)));
        await Scene.EnsureDurableAsync(sidecar, "--timeout", "2m");

        var restored = await scene.RunAsync(scene.Sidecar("restore", "--repository", "/backups", "--output", "/state/restored.db")
            .WithCreateParameterModifier(parameters => (parameters.HostConfig!.Memory, parameters.HostConfig.MemorySwap) = (Memory, Memory)));

        output.WriteLine(restored.ShouldEnd(0).Output);
        Assert.Equal("false", await InspectAsync(sidecar, "{{.State.OOMKilled}}"));
        (await scene.RunAsync(scene.Tools("1654:1654", "cmp", "/data/app.db", "/state/restored.db"))).ShouldEnd(0);
    }

    [Fact]
    public async Task A_full_disk_of_the_repository_stops_no_app_and_is_said()
    {
        await using var scene = await Scene.CreateAsync();
        var sidecar = await scene.StartAsync(Scene.Serving(scene.Bare(Scene.ServeArguments)).WithVolumeMount(scene.VolumeOf("/data"), "/data")
            .WithCreateParameterModifier(parameters => parameters.HostConfig!.Tmpfs = new Dictionary<string, string> { ["/backups"] = "size=2m,uid=1654,gid=1654" }));
        var writer = await scene.StartAsync(scene.Writer());
        await Scene.UntilCommittedAsync(writer, 50);
        (await scene.RunAsync(scene.Tools("1654:1654", "python3", "-c", "import os, sqlite3\ndb = sqlite3.connect('/data/app.db', timeout=30)\ndb.execute('CREATE TABLE big (body BLOB)')\ndb.execute('INSERT INTO big VALUES (?)', (os.urandom(4000000),))\ndb.commit()\n"))).ShouldEnd(0);

        var refused = await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "ensure-durable", "--timeout", "5s");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("no space left", refused.ToString(), StringComparison.OrdinalIgnoreCase);
        var committed = await Scene.LastCommittedAsync(writer);
        await Scene.UntilCommittedAsync(writer, committed + 50);
        Assert.Equal(0, (await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "probe", "liveness")).ExitCode);
    }

    [Fact]
    public async Task A_volume_that_is_mounted_read_only_is_backed_up()
    {
        await using var scene = await Scene.CreateAsync();
        var writer = await scene.StartAsync(scene.Writer());
        await Scene.UntilCommittedAsync(writer, 20);
        var sidecar = await scene.StartAsync(Scene.Serving(scene.Bare(Scene.ServeArguments))
            .WithVolumeMount(scene.VolumeOf("/data"), "/data", AccessMode.ReadOnly).WithVolumeMount(scene.VolumeOf("/backups"), "/backups"));
        await Scene.UntilCommittedAsync(writer, 100);
        await writer.StopAsync(Ct);

        await Scene.EnsureDurableAsync(sidecar);

        Assert.Equal(await scene.CheckAsync(), await scene.RestoreAsync());
    }

    private static async Task<string> InspectAsync(IContainer container, string format) => (await Docker.RunAsync(["inspect", "--format", format, container.Id], Ct)).Trim();
}
