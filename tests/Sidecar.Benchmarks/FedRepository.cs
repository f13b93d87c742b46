using System.Text.Json.Nodes;

namespace BackupSidecar.Benchmarks;

/// <summary>A serve's configuration with a local repository and one beside it: in the emulator, which runs as long as this object, or in a directory.</summary>
internal sealed class FedRepository : IAsyncDisposable
{
    private const string Patience = "30m";

    private readonly RemoteBench _bench;
    private readonly string _name;
    private readonly DriveProcess? _drive;

    private FedRepository(RemoteBench bench, string name, DriveProcess? drive) => (_bench, _name, _drive) = (bench, name, drive);

    public DriveProcess Drive => _drive ?? throw new InvalidOperationException("It lies in a directory.");

    public string Configuration => _bench.Scratch.PathOf(_name + ".jsonc");

    private string Local => _bench.Scratch.PathOf(_name);

    private string State => _bench.Scratch.PathOf(_name + "-state");

    private string Remote => _bench.Scratch.PathOf(_name + "-remote");

    /// <summary>Makes both, empty.</summary>
    public static async Task<FedRepository> CreateAsync(RemoteBench bench, string name, bool isDrive, CancellationToken ct)
    {
        var made = new FedRepository(bench, name, isDrive ? await DriveProcess.StartAsync(bench.Emulator, bench.Scratch.PathOf(name + "-remote"), ct) : null);
        await made.ConfigureAsync(ct);
        return made;
    }

    public ServeProcess Serve() => ServeProcess.StartConfigured(_bench.Program, Configuration, _bench.Time);

    /// <summary>Returns when everything that is committed now is safe: stored locally, or also in the other repository.</summary>
    public async Task EnsureDurableAsync(string level, CancellationToken ct)
    {
        while (!await ServiceChannel.ListensAsync(Path.Combine(State, "operator", "sidecar.sock"), ct))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), _bench.Time, ct);
        }

        await _bench.Tool.RunAsync(_bench.Program, ["ensure-durable", "--state", State, "--level", level, "--timeout", Patience, "--json"], ct);
    }

    /// <summary>As on a fresh machine: only the configuration and the database are left.</summary>
    public void LoseLocal()
    {
        _bench.Scratch.Remove(_name);
        _bench.Scratch.Remove(_name + "-state");
    }

    public async ValueTask DisposeAsync()
    {
        if (_drive is not null)
        {
            await _drive.DisposeAsync();
        }

        LoseLocal();
        _bench.Scratch.Remove(_name + "-remote");
    }

    private async Task ConfigureAsync(CancellationToken ct)
    {
        var place = _drive is null ? ["--path", Remote] : await DrivePlaceAsync(_drive, ct);
        var added = await _bench.Tool.RunAsync(_bench.Program, ["repository", "add", "--name", "offsite", .. place, "--json"], ct);
        var remote = JsonNode.Parse(added.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!["configuration"]!["remotes"]![0]!.DeepClone().AsObject();
        remote["interval"] = "60s";
        var configuration = new JsonObject
        {
            ["repository"] = new JsonObject { ["path"] = Local },
            ["state"] = new JsonObject { ["path"] = State, ["instance"] = "bench" },
            ["sources"] = new JsonArray(new JsonObject { ["name"] = "bench", ["path"] = _bench.Database.Path }),
            ["remotes"] = new JsonArray(remote),
        };
        await File.WriteAllTextAsync(Configuration, configuration.ToJsonString(), ct);
    }

    private async Task<string[]> DrivePlaceAsync(DriveProcess drive, CancellationToken ct)
    {
        var token = _bench.Scratch.PathOf(_name + "-token");
        await File.WriteAllTextAsync(token, "any token", ct);
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return ["--drive", "offsite", "--credential", token, "--kind", "access-token", "--endpoint", drive.Address.ToString()];
    }
}
