using System.Net.Http.Json;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>Restores as a pod or a compose file makes them: before the app starts, and when it is started again.</summary>
public sealed class RestoreTests(ITestOutputHelper output)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_init_container_fills_an_empty_volume_and_leaves_a_database_alone()
    {
        await using var scene = await Scene.CreateAsync();
        string[] init = ["restore", "--repository", "/backups", "--output", Scene.Database, "--if-missing"];
        (await scene.RunAsync(scene.Sidecar(init))).ShouldEnd(10);
        Assert.Contains("may begin with an empty database", (await scene.RunAsync(scene.Sidecar([.. init, "--start-empty"]))).ShouldEnd(0).Output, StringComparison.Ordinal);
        var sidecar = await scene.StartAsync(scene.Serve());
        var writer = await scene.StartAsync(scene.Writer());
        await Scene.UntilCommittedAsync(writer, 100);
        await writer.StopAsync(Ct);
        await Scene.EnsureDurableAsync(sidecar);
        await sidecar.StopAsync(Ct);
        var written = await scene.CheckAsync();
        (await scene.RunAsync(scene.Tools("1654:1654", "sh", "-c", "rm /data/app.db*"))).ShouldEnd(0);

        Assert.Contains("Restored source 'app'", (await scene.RunAsync(scene.Sidecar([.. init, "--start-empty"]))).ShouldEnd(0).Output, StringComparison.Ordinal);
        Assert.Contains("nothing was done", (await scene.RunAsync(scene.Sidecar(init))).ShouldEnd(0).Output, StringComparison.Ordinal);

        Assert.Equal(written, await scene.CheckAsync());
    }

    [Theory]
    [InlineData(RestartPolicyKind.OnFailure)]
    [InlineData(RestartPolicyKind.Always)]
    [InlineData(RestartPolicyKind.UnlessStopped)]
    [InlineData(RestartPolicyKind.No)] // whoever looks after it starts it again
    public async Task A_restore_under_a_running_app_is_put_in_place_when_it_is_started_again(RestartPolicyKind policy)
    {
        await using var scene = await Scene.CreateAsync();
        var sidecar = await scene.StartAsync(scene.Sidecar("serve")
            .WithEnvironment("BACKUPSIDECAR__REPOSITORY__PATH", "/backups")
            .WithEnvironment("BACKUPSIDECAR__SOURCES__0__PATH", "/data/notes.db")
            .WithEnvironment("BACKUPSIDECAR__SOURCES__0__START_EMPTY", "true")
            .WithEnvironment("BACKUPSIDECAR__SERVICE__APP_SOCKET", "/run/backup-sidecar/sidecar.sock"));
        var notes = await scene.StartAsync(Scene.Of(Images.Notes)
            .WithVolumeMount(scene.VolumeOf("/data"), "/data")
            .WithVolumeMount(scene.VolumeOf("/run/backup-sidecar"), "/run/backup-sidecar")
            .WithEnvironment("BACKUPSIDECAR_ADDRESS", "unix:/run/backup-sidecar/sidecar.sock")
            .WithCreateParameterModifier(parameters => parameters.HostConfig!.RestartPolicy = new RestartPolicy { Name = policy })
            .WithPortBinding(5000, assignRandomHostPort: true)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(request => request.ForPort(5000).ForPath("/health"))));
        using var client = new HttpClient();
        _ = (await client.PostAsJsonAsync(await AddressAsync(notes, "/notes"), new { text = "worth keeping" }, Ct)).EnsureSuccessStatusCode();
        (await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "backup", "--sidecar", "unix:/state/backup-sidecar/operator/sidecar.sock", "--label", "before")).ShouldEnd(0);
        _ = await client.DeleteAsync(await AddressAsync(notes, "/notes"), Ct);
        Assert.Equal("[]", await client.GetStringAsync(await AddressAsync(notes, "/notes"), Ct));

        output.WriteLine((await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "restores", "stage", "--label", "before")).ShouldEnd(0).Output);
        if (policy == RestartPolicyKind.No)
        {
            Assert.Equal(75, await notes.GetExitCodeAsync(Ct));
            await Docker.RunAsync(["start", notes.Id], Ct);
        }

        Assert.Contains("worth keeping", await EventuallyAsync(async () => await client.GetStringAsync(await AddressAsync(notes, "/notes"), Ct), text => text.Contains("worth", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("confirmed", await EventuallyAsync(
            async () => (await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "restores", "show")).Output, text => text.Contains("is confirmed", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(policy == RestartPolicyKind.No ? "0" : "1", (await Docker.RunAsync(["inspect", "--format", "{{.RestartCount}}", notes.Id], Ct)).Trim());
    }

    /// <summary>The port is another one after a restart.</summary>
    private static async Task<Uri> AddressAsync(IContainer container, string path) => new($"http://{(await Docker.RunAsync(["port", container.Id, "5000/tcp"], Ct)).Split('\n')[0].Trim().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)}{path}");

    private static async Task<string> EventuallyAsync(Func<Task<string>> look, Func<string, bool> isThere)
    {
        while (true)
        {
            try
            {
                if (await look() is var seen && isThere(seen))
                {
                    return seen;
                }
            }
            catch (Exception e) when (e is HttpRequestException or InvalidOperationException or UriFormatException)
            {
                // It is starting again.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
        }
    }
}
