using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>Google Drive, emulated in a container of its own, behind a network that goes and comes back.</summary>
public sealed class RemoteTests
{
    private const string Endpoint = "http://127.0.0.1:8080/";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_network_that_is_cut_delays_the_remote_repository_and_nothing_else()
    {
        await using var scene = await Scene.CreateAsync();
        var network = await scene.AddNetworkAsync();
        var drive = await scene.StartAsync(Scene.Of(Images.Drive).WithCommand("--data", "/drive", "--listen", "0.0.0.0:8080", "--any-token")
            .WithTmpfsMount("/drive").WithCreateParameterModifier(parameters => parameters.User = "0:0").WithNetwork(network).WithNetworkAliases("drive"));
        var added = await AddAsync(scene, drive);
        var sidecar = await scene.StartAsync(scene.Serve()
            .WithNetwork(network)
            .WithEnvironment("TOKEN", "any")
            .WithEnvironment("BACKUPSIDECAR__REMOTES__0__NAME", "drive")
            .WithEnvironment("BACKUPSIDECAR__REMOTES__0__INTERVAL", "5s")
            .WithEnvironment("BACKUPSIDECAR__REMOTES__0__DRIVE__FOLDER", added)
            .WithEnvironment("BACKUPSIDECAR__REMOTES__0__DRIVE__CREDENTIAL_VARIABLE", "TOKEN")
            .WithEnvironment("BACKUPSIDECAR__REMOTES__0__DRIVE__CREDENTIAL_KIND", "accesstoken")
            .WithEnvironment("BACKUPSIDECAR__REMOTES__0__DRIVE__ENDPOINT", Endpoint));
        _ = await scene.StartAsync(Tunnel(sidecar));
        var writer = await scene.StartAsync(scene.Writer(pause: "0.05"));
        await Scene.UntilCommittedAsync(writer, 20);
        await Scene.EnsureDurableAsync(sidecar, "--level", "remote", "--timeout", "1m");

        await Docker.RunAsync(["network", "disconnect", network.Name, sidecar.Id], Ct);
        var committed = await Scene.LastCommittedAsync(writer);
        await Scene.UntilCommittedAsync(writer, committed + 20);
        await Scene.EnsureDurableAsync(sidecar);
        Assert.NotEqual(0, (await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "ensure-durable", "--level", "remote", "--timeout", "3s")).ExitCode);
        await Docker.RunAsync(["network", "connect", network.Name, sidecar.Id], Ct);

        await Scene.EnsureDurableAsync(sidecar, "--level", "remote", "--timeout", "2m");
        await writer.StopAsync(Ct);
        await Scene.EnsureDurableAsync(sidecar, "--level", "remote", "--timeout", "1m");
        Assert.Equal(await scene.CheckAsync(), await scene.RestoreAsync());
    }

    /// <returns>The id of the folder that it made.</returns>
    private static async Task<string> AddAsync(Scene scene, IContainer drive)
    {
        var added = (await scene.RunAsync(scene.Sidecar("repository", "add", "--drive", "app", "--credential-variable", "TOKEN", "--kind", "access-token", "--endpoint", Endpoint)
            .WithEnvironment("TOKEN", "any").WithCreateParameterModifier(parameters => parameters.HostConfig!.NetworkMode = $"container:{drive.Id}"))).ShouldEnd(0);
        return added.Output.Split("\"folder\": \"")[1].Split('"')[0];
    }

    /// <summary>Without TLS only an address on the same host is asked: it listens where the sidecar lives, and goes through the network from there.</summary>
    private static ContainerBuilder Tunnel(IContainer sidecar) => Scene.Of(Images.Tools)
        .WithCommand("socat", "TCP-LISTEN:8080,bind=127.0.0.1,reuseaddr,fork", "TCP:drive:8080")
        .WithCreateParameterModifier(parameters => parameters.HostConfig!.NetworkMode = $"container:{sidecar.Id}");
}
