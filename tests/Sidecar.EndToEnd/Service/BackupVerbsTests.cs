using System.Text.Json.Nodes;
using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Service;

/// <summary>The same verbs, done by a running serve, while an app writes.</summary>
public sealed class BackupVerbsTests : IDisposable
{
    private readonly CommandScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Operators => $"unix:{_scene.State}/operator/sidecar.sock";

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_backup_is_made_labelled_pinned_deleted_and_brought_back_while_the_app_writes()
    {
        await using var application = WriterProcess.Start();
        await application.OpenAsync("app", _scene.Database);
        await using var serve = await ServeAsync();
        await application.ExecuteAsync("app", "INSERT INTO t (body) VALUES ('in the first')");

        var first = Last(await CommandScene.RunAsync("backup", "--sidecar", Operators, "--label", "one", "--json"));
        await application.ExecuteAsync("app", "INSERT INTO t (body) VALUES ('in the second')");
        var second = Last(await CommandScene.RunAsync("backup", "--sidecar", Operators, "--label", "two", "--pin", "--json"));
        var id = (string)first["backupId"]!;
        Assert.True((ulong)second["position"]! > (ulong)first["position"]!);

        var updated = Last(await CommandScene.RunAsync("backups", "update", id[..8], "--label", "renamed", "--state", _scene.State, "--json"))["backup"]!;
        Assert.Equal("renamed", (string?)updated["labels"]![0]);
        Refused(await CommandScene.RunAsync("backups", "delete", (string)second["backupId"]!, "--state", _scene.State), "is pinned");
        _ = Last(await CommandScene.RunAsync("backups", "update", (string)second["backupId"]!, "--unpin", "--state", _scene.State, "--json"));
        Refused(await CommandScene.RunAsync("backups", "delete", (string)second["backupId"]!, "--state", _scene.State), "newest one");
        var deleted = Last(await CommandScene.RunAsync("backups", "delete", id, "--state", _scene.State, "--json"));
        Assert.NotNull(deleted["expiresAt"]);
        Refused(await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--backup", id, "--output", _scene.Restored), "has deleted backup");
        _ = Last(await CommandScene.RunAsync("backups", "undelete", id, "--state", _scene.State, "--json"));

        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--label", "renamed", "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal((1, 0), (Count("in the first"), Count("in the second")));
    }

    [Fact]
    public async Task A_list_and_a_proof_by_serve_are_those_of_the_repository()
    {
        await using var serve = await ServeAsync();
        for (var i = 0; i < 3; i++)
        {
            _scene.Execute("INSERT INTO t (body) VALUES (randomblob(1000))");
            (await CommandScene.RunAsync("backup", "--sidecar", Operators, "--label", $"number {i}")).ShouldExit(0);
        }

        var asked = Last(await CommandScene.RunAsync("list", "--sidecar", Operators, "--json"))["sources"]![0]!;
        var read = Last(await CommandScene.RunAsync("list", "--repository", _scene.Repository, "--json"))["sources"]![0]!;
        foreach (var field in (string[])["name", "id", "backups", "points", "pointsWithoutBackup", "oldestPoint", "newestPoint"])
        {
            Assert.Equal(read[field]!.ToJsonString(), asked[field]!.ToJsonString());
        }

        var drilled = CommandScene.ParseLines((await CommandScene.RunAsync("verify", "--sidecar", Operators, "--level", "drill", "--json")).ShouldExit(0))[^1];
        Assert.Equal((true, 1, 3), ((bool)drilled["proved"]!, (int)drilled["drills"]!, (int)drilled["manifests"]!));
        var status = Last(await CommandScene.RunAsync("status", "--state", _scene.State, "--json"))["serve"]!["sources"]![0]!;
        Assert.Equal((3, 1), ((int)status["runs"]!["backups"]!["succeeded"]!, (int)status["runs"]!["drills"]!["succeeded"]!));
        Assert.Equal((ulong)status["position"]!, (ulong)status["runs"]!["lastProved"]!["position"]!);
    }

    [Fact]
    public async Task A_paused_source_is_not_followed_over_a_restart_of_serve_until_it_is_resumed()
    {
        await using (var serve = await ServeAsync())
        {
            _ = Last(await CommandScene.RunAsync("sources", "pause", "--state", _scene.State, "--json"));
            Refused(await CommandScene.RunAsync("ensure-durable", "--state", _scene.State), "is paused");
            serve.Kill();
            await serve.WaitForExitAsync(Ct);
        }

        await using var again = await ServeAsync(waitsForCapture: false);
        var status = Last(await CommandScene.RunAsync("status", "--state", _scene.State, "--json"))["serve"]!;
        Assert.Equal(("paused", "at risk"), ((string?)status["sources"]![0]!["state"], (string?)status["protection"]!["level"]));
        Assert.Contains("an operator paused it", (string?)status["sources"]![0]!["reason"], StringComparison.Ordinal);

        _ = Last(await CommandScene.RunAsync("sources", "resume", "--state", _scene.State, "--json"));
        (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State)).ShouldExit(0);
    }

    [Fact]
    public async Task An_operator_sees_the_configuration_and_an_app_only_what_it_may_call()
    {
        await using var serve = await ServeAsync();
        var app = $"unix:{_scene.State}/app/sidecar.sock";

        var configuration = Last(await CommandScene.RunAsync("config", "show", "--state", _scene.State, "--json"));
        Assert.Equal(_scene.Repository, (string?)configuration["configuration"]!["repository"]!["path"]);
        var whoami = Last(await CommandScene.RunAsync("whoami", "--sidecar", app, "--json"));
        Assert.Equal("app", (string?)whoami["role"]);
        Assert.DoesNotContain(whoami["methods"]!.AsArray(), method => ((string)method!).Contains("BackupService", StringComparison.Ordinal));
        foreach (string[] command in (string[][])[["backup"], ["list"], ["verify"], ["restore"]])
        {
            Refused(await CommandScene.RunAsync([.. command, "--sidecar", app]), "cannot be called through this socket");
        }
    }

    [Fact]
    public async Task What_goes_with_a_repository_does_not_go_with_a_running_serve()
    {
        Refused(await CommandScene.RunAsync("backup", "--sidecar", "unix:/nowhere", "--database", "a.db"), "--database and --sidecar exclude each other");
        Refused(await CommandScene.RunAsync("restore", "--sidecar", "unix:/nowhere", "--output", "a.db"), "--output and --sidecar exclude each other");
        Refused(await CommandScene.RunAsync("verify"), "Option '--repository' is required, or --sidecar for a running serve.");
    }

    private static JsonNode Last(SidecarResult result) => CommandScene.ParseLines(result.ShouldExit(0))[^1];

    private static void Refused(SidecarResult result, string why) => Assert.Contains(why, result.ShouldExit(1).Error, StringComparison.Ordinal);

    private async Task<SidecarProcess> ServeAsync(bool waitsForCapture = true)
    {
        var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", "--database", _scene.Database, "--repository", _scene.Repository, "--state", _scene.State]);
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);
        if (waitsForCapture)
        {
            (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State)).ShouldExit(0);
        }

        return serve;
    }

    private int Count(string body)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection(new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = _scene.Restored, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM t WHERE body = $body";
        _ = command.Parameters.AddWithValue("$body", body);
        return (int)(long)command.ExecuteScalar()!;
    }
}
