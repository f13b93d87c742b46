using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>An app that makes no call itself, started by the program, which an init container has copied to where the app's image can run it.</summary>
public sealed class SupervisorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_program_copies_itself_to_the_app_and_starts_it_on_a_prepared_database()
    {
        await using var scene = await Scene.CreateAsync();
        var sidecar = await scene.StartAsync(Scene.Serving(scene.Sidecar("serve")
            .WithEnvironment("BACKUPSIDECAR__REPOSITORY__PATH", "/backups")
            .WithEnvironment("BACKUPSIDECAR__SOURCES__0__PATH", Scene.Database)
            .WithEnvironment("BACKUPSIDECAR__SOURCES__0__START_EMPTY", "true")
            .WithEnvironment("BACKUPSIDECAR__SERVICE__APP_SOCKET", "/run/backup-sidecar/sidecar.sock")));
        (await scene.RunAsync(scene.Sidecar("install", "/run/backup-sidecar/bin"))).ShouldEnd(0);

        var app = await scene.StartAsync(scene.Tools("1654:1654", "/run/backup-sidecar/bin/backup-sidecar", "run", "--sidecar", "unix:/run/backup-sidecar/sidecar.sock", "--", "python3", "/usr/bin/writer.py", Scene.Database)
            .WithVolumeMount(scene.VolumeOf("/run/backup-sidecar"), "/run/backup-sidecar", AccessMode.ReadWrite)
            .WithCreateParameterModifier(parameters => parameters.HostConfig!.RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.OnFailure }));
        await Scene.UntilCommittedAsync(app, 50);
        (await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "backup", "--sidecar", "unix:/state/backup-sidecar/operator/sidecar.sock", "--label", "here")).ShouldEnd(0);
        var kept = await Scene.LastCommittedAsync(app);
        await Scene.UntilCommittedAsync(app, kept + 100);

        (await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "restores", "stage", "--label", "here")).ShouldEnd(0);

        // It is ended with 75 and started again by its policy, on the older database.
        while (!await CountsFromAsync(app, kept))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
        }

        await app.StopAsync(Ct);
        await Scene.EnsureDurableAsync(sidecar);
        Assert.Equal(await scene.CheckAsync(), await scene.RestoreAsync());
    }

    /// <summary>Whether it has begun anew somewhere near a number, and goes on from there.</summary>
    private static async Task<bool> CountsFromAsync(IContainer app, long kept)
    {
        var (output, _) = await app.GetLogsAsync(timestampsEnabled: false, ct: Ct);
        var numbers = output.Split('\n').Where(line => line.StartsWith("committed ", StringComparison.Ordinal)).Select(line => long.Parse(line.Split(' ')[1].Trim(), System.Globalization.CultureInfo.InvariantCulture)).ToList();
        return numbers.Zip(numbers.Skip(1)).Any(pair => pair.Second < pair.First && pair.Second <= kept + 50) && numbers.Count > 20;
    }
}
