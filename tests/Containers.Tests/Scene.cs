using System.Globalization;
using System.Text.RegularExpressions;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Images;
using DotNet.Testcontainers.Networks;
using DotNet.Testcontainers.Volumes;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>Volumes that an app and a sidecar share, in containers of their own: separate processes, hosts and file systems.</summary>
internal sealed partial class Scene : IAsyncDisposable
{
    public const string Database = "/data/app.db";

    private readonly List<IContainer> _containers = [];
    private readonly Dictionary<string, IVolume> _volumes = new(StringComparer.Ordinal);
    private readonly List<INetwork> _networks = [];
    private readonly string _name = $"bs-{Guid.NewGuid():N}"[..11];

    private readonly string _image;

    private Scene(string image) => _image = image;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="image">Of the sidecar; by whatever way it was made.</param>
    /// <param name="isForeign">The volume of the app was used by another image first: it belongs to root, and every user may write into it.</param>
    public static async Task<Scene> CreateAsync(string image = Images.Sidecar, bool isForeign = false)
    {
        await Engine.RequireAsync();
        var scene = new Scene(image);
        foreach (var place in (string[])["/data", "/backups", "/state", "/run/backup-sidecar"])
        {
            var volume = new VolumeBuilder().WithName(scene._name + place.Replace('/', '-')).Build();
            await volume.CreateAsync(Ct);
            scene._volumes[place] = volume;
        }

        // While it is empty, a volume takes over owner and mode from the directory of an image that it is mounted on.
        if (isForeign)
        {
            (await scene.RunAsync(Of(Images.Tools).WithCommand("touch", "/tmp/first").WithVolumeMount(scene._volumes["/data"], "/tmp"))).ShouldEnd(0);
        }

        (await scene.RunAsync(scene.Sidecar("--version"))).ShouldEnd(0);
        return scene;
    }

    public IVolume VolumeOf(string place) => _volumes[place];

    /// <summary>A container of the image under test, as hardened as the documentation says: no capability, read-only root.</summary>
    public ContainerBuilder Sidecar(params string[] arguments) => Bare(arguments).WithVolumeMount(_volumes["/data"], "/data").WithVolumeMount(_volumes["/backups"], "/backups");

    /// <summary>Without data and backups, which whoever asks for it mounts otherwise.</summary>
    public ContainerBuilder Bare(params string[] arguments) => Of(_image)
        .WithCommand(arguments)
        .WithVolumeMount(_volumes["/state"], "/state")
        .WithVolumeMount(_volumes["/run/backup-sidecar"], "/run/backup-sidecar");

    public ContainerBuilder Serve(params string[] more) => Serving(Sidecar([.. ServeArguments, .. more]));

    /// <summary>Started when it has looked at its database.</summary>
    public static ContainerBuilder Serving(ContainerBuilder builder) => builder.WithWaitStrategy(Wait.ForUnixContainer().UntilCommandIsCompleted("/app/backup-sidecar", "probe", "startup"));

    public static string[] ServeArguments => ["serve", "--database", Database, "--repository", "/backups"];

    /// <summary>A writer that is not ours and not .NET.</summary>
    public ContainerBuilder Writer(string user = "1654:1654", string umask = "022", string pause = "0.01") => Tools(user, "python3", "/usr/bin/writer.py", Database, pause, umask);

    public ContainerBuilder Tools(string user, params string[] command) => Of(Images.Tools)
        .WithCommand(command)
        .WithCreateParameterModifier(parameters => parameters.User = user)
        .WithVolumeMount(_volumes["/data"], "/data")
        .WithVolumeMount(_volumes["/state"], "/state");

    public async Task<INetwork> AddNetworkAsync()
    {
        var network = new NetworkBuilder().WithName($"{_name}-{_networks.Count}").Build();
        _networks.Add(network);
        await network.CreateAsync(Ct);
        return network;
    }

    public async Task<IContainer> StartAsync(ContainerBuilder builder)
    {
        var container = builder.Build();
        _containers.Add(container);
        await container.StartAsync(Ct);
        return container;
    }

    /// <summary>Runs a container to its end.</summary>
    public async Task<Ran> RunAsync(ContainerBuilder builder)
    {
        var container = await StartAsync(builder);
        var code = await container.GetExitCodeAsync(Ct);
        var (output, error) = await container.GetLogsAsync(timestampsEnabled: false, ct: Ct);
        return new Ran(code, output, error);
    }

    /// <summary>What the database of the app, or a restored one, holds.</summary>
    public async Task<(long Rows, long Last)> CheckAsync(string path = Database)
    {
        var ran = await RunAsync(Tools("1654:1654", "python3", "/usr/bin/check.py", path));
        var match = Checked().Match(ran.ShouldEnd(0).Output);
        Assert.True(match.Success, ran.ToString());
        return (long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>Restores the newest restore point to another place and checks every row.</summary>
    public async Task<(long Rows, long Last)> RestoreAsync()
    {
        var path = $"/state/restored-{Guid.NewGuid():N}.db";
        (await RunAsync(Sidecar("restore", "--repository", "/backups", "--output", path))).ShouldEnd(0);
        return await CheckAsync(path);
    }

    public static async Task<Ran> ExecAsync(IContainer container, params string[] command)
    {
        var result = await container.ExecAsync(command, Ct);
        return new Ran(result.ExitCode ?? -1, result.Stdout, result.Stderr);
    }

    /// <summary>Returns when everything that was committed before the call can be restored.</summary>
    public static async Task EnsureDurableAsync(IContainer sidecar, params string[] more) => (await ExecAsync(sidecar, ["/app/backup-sidecar", "ensure-durable", .. more])).ShouldEnd(0);

    public static Task SignalAsync(IContainer container, string signal) => Docker.RunAsync(["kill", "--signal", signal, container.Id], Ct);

    /// <summary>The number of the last row that the writer has said.</summary>
    public static async Task<long> LastCommittedAsync(IContainer writer)
    {
        var (output, _) = await writer.GetLogsAsync(timestampsEnabled: false, ct: Ct);
        return Committed().Matches(output).Select(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty().Last();
    }

    public static async Task UntilCommittedAsync(IContainer writer, long atLeast)
    {
        while (await LastCommittedAsync(writer) < atLeast)
        {
            var state = await Docker.RunAsync(["inspect", "--format", "{{.State.Status}}", writer.Id], Ct);
            Assert.True(state.Trim() is "running" or "paused", $"The writer is {state}: {(await writer.GetLogsAsync(timestampsEnabled: false, ct: Ct)).Stderr}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in Enumerable.Reverse(_containers))
        {
            await Docker.RunAsync(["rm", "--force", "--volumes", container.Id], CancellationToken.None);
            await container.DisposeAsync();
        }

        foreach (var network in _networks)
        {
            await network.DeleteAsync(CancellationToken.None);
            await network.DisposeAsync();
        }

        foreach (var volume in _volumes.Values)
        {
            await volume.DeleteAsync(CancellationToken.None);
            await volume.DisposeAsync();
        }
    }

    public static ContainerBuilder Of(string image) => new ContainerBuilder(image)
        .WithImagePullPolicy(PullPolicy.Never)
        .WithCreateParameterModifier(parameters =>
        {
            var host = parameters.HostConfig!;
            (host.ReadonlyRootfs, host.CapDrop, host.SecurityOpt) = (true, ["ALL"], ["no-new-privileges"]);
        });

    [GeneratedRegex(@"^committed (\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Committed();

    [GeneratedRegex(@"^rows (\d+) last (\d+) wrong 0 ok\r?$", RegexOptions.Multiline)]
    private static partial Regex Checked();
}
