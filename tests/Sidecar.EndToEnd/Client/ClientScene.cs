using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using BackupSidecar.EndToEnd.Cli;
using Xunit;

namespace BackupSidecar.EndToEnd.Client;

/// <summary>A sidecar and apps that use the client, each a process of its own.</summary>
internal sealed class ClientScene : IDisposable
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private readonly CommandScene _commands = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public CommandScene Commands => _commands;

    public string Database => _commands.Database;

    /// <summary>The app's socket, as an app is given it.</summary>
    public string Address => $"unix:{Path.Join(_commands.State, "app", "sidecar.sock")}";

    /// <summary>Returns when everything in the databases is stored.</summary>
    /// <param name="confirmWithin">How long an app has.</param>
    /// <param name="sources">By name; none: the one database, as "app".</param>
    public async Task<SidecarProcess> ServeAsync(string confirmWithin = "10m", params (string Name, string Path)[] sources)
    {
        (string Name, string Path)[] all = sources.Length > 0 ? sources : [("app", Database)];
        var configuration = new JsonObject
        {
            ["repository"] = new JsonObject { ["path"] = _commands.Repository },
            ["state"] = new JsonObject { ["path"] = _commands.State },
            ["sources"] = new JsonArray([.. all.Select(source => new JsonObject { ["name"] = source.Name, ["path"] = source.Path })]),
            ["restore"] = new JsonObject { ["confirmWithin"] = confirmWithin },
        };
        var file = _commands.Elsewhere("serve.jsonc");
        await File.WriteAllTextAsync(file, configuration.ToJsonString(), Ct);
        var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", "--config", file]);
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);
        foreach (var (name, path) in all)
        {
            if (File.Exists(path))
            {
                _ = await PositionAsync(name);
            }
        }

        return serve;
    }

    /// <summary>The worker that is as its arguments say.</summary>
    public SidecarProcess StartApp(params string[] arguments) => Start(Path.Join(Solution.Root, "tests", "Client.App"), "Client.App", ["--database", Database, .. arguments]);

    /// <summary>The sample; returns when it listens.</summary>
    public async Task<NotesApp> StartNotesAsync(string? database = null, string source = "")
    {
        var project = Path.Join(Solution.Root, "samples", "Notes");
        return await NotesApp.ListeningAsync(Start(project, "Notes", ["--Database", database ?? Database, "--BackupSidecar:Source", source, "--urls", "http://127.0.0.1:0"]), Ct);
    }

    public Task<SidecarResult> RunAsync(params string[] arguments) => CommandScene.RunAsync([.. arguments, "--state", _commands.State]);

    /// <summary>The position that contains all that is committed.</summary>
    public async Task<long> PositionAsync(string source = "app") =>
        (long)CommandScene.ParseLines((await RunAsync("ensure-durable", "--source", source, "--json")).ShouldExit(0))[^1]["position"]!;

    public async Task<string> StageAsync(long position, string source = "app")
    {
        var restore = CommandScene.ParseLines((await RunAsync("restores", "stage", "--source", source, "--position", $"{position}", "--json")).ShouldExit(0))[^1]["restore"]!;
        Assert.Equal("staged", (string?)restore["state"]);
        return (string)restore["restoreId"]!;
    }

    public async Task<string?> StateOfAsync(string restore, string source = "app") =>
        (string?)CommandScene.ParseLines((await RunAsync("restores", "show", restore, "--source", source, "--json")).ShouldExit(0))[^1]["restore"]!["state"];

    public void Dispose() => _commands.Dispose();

    private SidecarProcess Start(string project, string program, IReadOnlyList<string> arguments)
    {
        var environment = new Dictionary<string, string?>
        {
            ["BACKUPSIDECAR_ADDRESS"] = Address,
            ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
        };
        return SidecarProcess.StartProgram(Path.Join(project, "bin", Configuration, "net10.0", program), arguments, environment, project);
    }
}
