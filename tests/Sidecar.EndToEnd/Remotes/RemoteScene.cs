using System.Text.Json.Nodes;
using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.Testing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>A database that a program writes, a serve with a local repository, and a second repository beside it.</summary>
internal sealed class RemoteScene : IDisposable
{
    private readonly CommandScene _scene = new();

    public string Database => _scene.Database;

    public string Local => _scene.Repository;

    public string State => _scene.State;

    public string Remote => _scene.Elsewhere("offsite");

    public string Restored => _scene.Restored;

    public string Configuration => _scene.Elsewhere("serve.jsonc");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public string Elsewhere(string name) => _scene.Elsewhere(name);

    /// <summary>Makes the second repository and the configuration.</summary>
    public async Task AddRemoteAsync()
    {
        (await CommandScene.RunAsync("repository", "add", "--path", Remote)).ShouldExit(0);
        await ConfigureAsync(Configuration, State, Local, $$"""{ "name": "offsite", "path": "{{Remote}}", "interval": "5s" }""");
    }

    /// <summary>The same in a folder of an emulated Google Drive, which accepts any token.</summary>
    public async Task AddDriveAsync(Uri emulator)
    {
        var token = Elsewhere("token");
        await File.WriteAllTextAsync(token, "any token", Ct);
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await AddDriveAsync(emulator, "--credential", token, "--kind", "access-token");
    }

    /// <param name="emulator">Where it listens.</param>
    /// <param name="credential">The options that name one.</param>
    public async Task AddDriveAsync(Uri emulator, params string[] credential)
    {
        var added = await SummaryAsync(["repository", "add", "--drive", "offsite", "--endpoint", emulator.ToString(), .. credential]);
        var remote = added["configuration"]!["remotes"]![0]!.AsObject();
        remote["interval"] = "5s";
        await ConfigureAsync(Configuration, State, Local, remote.ToJsonString());
    }

    /// <summary>A configuration of another sidecar for the same database and the same remote repository.</summary>
    public async Task<string> ConfigureAnotherAsync(string instance)
    {
        var remote = JsonNode.Parse(await File.ReadAllTextAsync(Configuration, Ct))!["remotes"]![0]!.ToJsonString();
        var path = Elsewhere($"{instance}.jsonc");
        await ConfigureAsync(path, StateOf(instance), Elsewhere($"{instance}-local"), remote, instance);
        return path;
    }

    public string StateOf(string instance) => Elsewhere($"{instance}-state");

    private Task ConfigureAsync(string file, string state, string local, string remote, string instance = "first") => File.WriteAllTextAsync(
        file,
        $$"""
        { "repository": { "path": "{{local}}" }, "state": { "path": "{{state}}", "instance": "{{instance}}" }, "sources": [ { "name": "app", "path": "{{Database}}" } ],
          "remotes": [ {{remote}} ] }
        """,
        Ct);

    public Task<SidecarProcess> ServeAsync(params string[] options) => ServeWithAsync(Configuration, options);

    public static async Task<SidecarProcess> ServeWithAsync(string configuration, params string[] options)
    {
        var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", "--config", configuration, .. options]);
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);
        return serve;
    }

    public Task<SidecarResult> EnsureRemoteAsync(string patience = "60s") => EnsureRemoteAsync(State, patience);

    public static Task<SidecarResult> EnsureRemoteAsync(string state, string patience) =>
        CommandScene.RunAsync("ensure-durable", "--state", state, "--level", "remote", "--timeout", patience, "--json");

    public static async Task<JsonNode> SummaryAsync(params string[] arguments) => CommandScene.ParseLines(await CommandScene.RunAsync([.. arguments, "--json"]))[^1];

    /// <summary>The local volume is gone: repository and state.</summary>
    public void LoseLocal()
    {
        foreach (var directory in new[] { Local, State }.Where(Directory.Exists))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    public void Execute(string sql) => _scene.Execute(sql);

    /// <summary>The numbers that a restored database holds.</summary>
    public static HashSet<long> Numbers(string database)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT number FROM numbers";
        using var reader = command.ExecuteReader();
        var numbers = new HashSet<long>();
        while (reader.Read())
        {
            _ = numbers.Add(reader.GetInt64(0));
        }

        return numbers;
    }

    public void Dispose() => _scene.Dispose();
}
