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
        await File.WriteAllTextAsync(
            Configuration,
            $$"""
            { "repository": { "path": "{{Local}}" }, "state": { "path": "{{State}}" }, "sources": [ { "name": "app", "path": "{{Database}}" } ],
              "remotes": [ { "name": "offsite", "path": "{{Remote}}", "interval": "5s" } ] }
            """,
            Ct);
    }

    public async Task<SidecarProcess> ServeAsync()
    {
        var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", "--config", Configuration]);
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);
        return serve;
    }

    public Task<SidecarResult> EnsureRemoteAsync(string patience = "60s") =>
        CommandScene.RunAsync("ensure-durable", "--state", State, "--level", "remote", "--timeout", patience, "--json");

    public static async Task<JsonNode> SummaryAsync(params string[] arguments) => CommandScene.ParseLines(await CommandScene.RunAsync([.. arguments, "--json"]))[^1];

    /// <summary>The local volume is gone: repository and state.</summary>
    public void LoseLocal()
    {
        Directory.Delete(Local, recursive: true);
        Directory.Delete(State, recursive: true);
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
