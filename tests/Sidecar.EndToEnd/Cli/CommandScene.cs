using System.Text.Json.Nodes;
using BackupSidecar.Testing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.EndToEnd.Cli;

/// <summary>A database, a place for a repository, and the program run on them.</summary>
internal sealed class CommandScene : IDisposable
{
    private readonly ScratchVolume _volume = new();

    public CommandScene() => Execute("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB); INSERT INTO t (body) VALUES (randomblob(100000))");

    public string Database => _volume.Database;

    public string Data => _volume.Data;

    public string Repository => Elsewhere("repository");

    public string State => Elsewhere("state");

    public string Restored => Elsewhere("restored.db");

    public string[] BackupArguments => ["backup", "--database", Database, "--repository", Repository, "--state", State];

    public string Elsewhere(string name) => _volume.Elsewhere(name);

    /// <summary>In this process, which has the database closed again before the program runs.</summary>
    public void Execute(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Database, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    /// <summary>Stores a backup of a state that is new.</summary>
    public async Task BackUpAsync(params string[] options)
    {
        Execute("INSERT INTO t (body) VALUES (randomblob(1000))");
        (await RunAsync([.. BackupArguments, .. options])).ShouldExit(0);
    }

    public IReadOnlyList<string> Objects(string folder) =>
        Directory.Exists(Path.Join(Repository, folder))
            ? [.. Directory.EnumerateFiles(Path.Join(Repository, folder), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [];

    public static Task<SidecarResult> RunAsync(params string[] arguments) => SidecarBinary.RunAsync(arguments, TestContext.Current.CancellationToken);

    /// <summary>Every line of standard output, which must be JSON whose last line, and no other, is a summary or an error.</summary>
    public static IReadOnlyList<JsonNode> ParseLines(SidecarResult result)
    {
        var lines = result.OutputLines.Select(line => JsonNode.Parse(line)!).ToList();
        Assert.NotEmpty(lines);
        Assert.Contains((string?)lines[^1]["type"], (string[])["summary", "error"]);
        Assert.All(lines.SkipLast(1), line => Assert.Contains((string?)line["type"], (string[])["progress", "warning", "doubt", "point", "restore", "sign-in"]));
        Assert.Equal(result.ExitCode, (int?)lines[^1]["exitCode"]);
        return lines;
    }

    public void Dispose() => _volume.Dispose();
}
