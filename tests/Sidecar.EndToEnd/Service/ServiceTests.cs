using System.Text.Json.Nodes;
using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Service;

/// <summary>The program answers calls: of operators, and of an app beside it.</summary>
public sealed class ServiceTests : IDisposable
{
    private const uint Somebody = 65_534;

    private readonly CommandScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string AppSocket => _scene.Elsewhere("run/app.sock");

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task What_was_acknowledged_as_durable_outlives_the_death_of_both_processes()
    {
        await using var application = WriterProcess.Start();
        await application.OpenAsync("app", _scene.Database);
        await using var serve = await ServeAsync("1h");
        var positions = new List<long>();
        for (var i = 0; i < 10; i++)
        {
            await application.ExecuteAsync("app", $"INSERT INTO t (body) VALUES ('acknowledged {i}')");
            var answer = (await CommandScene.RunAsync("ensure-durable", "--sidecar", $"unix:{AppSocket}", "--json")).ShouldExit(0);
            positions.Add((long)JsonNode.Parse(answer.OutputLines[^1])!["position"]!);
        }

        serve.Kill();
        await serve.WaitForExitAsync(Ct);
        Assert.Equal(positions.Order().Distinct(), positions);
        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal(10, Count(_scene.Restored, "SELECT count(*) FROM t WHERE body LIKE 'acknowledged %'"));
    }

    [Fact]
    public async Task An_app_sees_its_own_database_and_an_operator_everything()
    {
        await using var serve = await ServeAsync("100ms");

        var operators = CommandScene.ParseLines((await CommandScene.RunAsync("status", "--state", _scene.State, "--json")).ShouldExit(0))[^1]["serve"]!;
        var apps = CommandScene.ParseLines((await CommandScene.RunAsync("status", "--sidecar", $"unix://{AppSocket}", "--json")).ShouldExit(0))[^1]["serve"]!;

        Assert.Equal((_scene.Repository, ""), ((string?)operators["repository"], (string?)apps["repository"]));
        Assert.Equal("app", (string?)apps["sources"]![0]!["name"]);
        Assert.Contains("safe", (await CommandScene.RunAsync("status", "--state", _scene.State)).ShouldExit(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_durable_is_1_with_the_reason_and_the_next_step()
    {
        await using var serve = await ServeAsync("100ms");

        var remote = (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State, "--level", "remote")).ShouldExit(1);
        var stranger = (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State, "--source", "other")).ShouldExit(1);
        File.Move(_scene.Database, _scene.Elsewhere("away.db"));
        var missing = (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State)).ShouldExit(1);

        Assert.Contains("No repository beside the local one is configured.", remote.Error, StringComparison.Ordinal);
        Assert.Contains("There is no source 'other'.", stranger.Error, StringComparison.Ordinal);
        Assert.Contains($"There is no database at {_scene.Database}.", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_none_or_where_nobody_listens_is_named()
    {
        var none = (await CommandScene.RunAsync("status", "--sidecar", "localhost:5000")).ShouldExit(1);
        var nobody = (await CommandScene.RunAsync("status", "--sidecar", $"unix:{AppSocket}")).ShouldExit(1);

        Assert.Contains("'localhost:5000' is no address: allowed is unix:PATH", none.Error, StringComparison.Ordinal);
        Assert.Contains($"No serve is running with the socket {AppSocket}", nobody.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_user_is_refused_by_the_file_system_and_told_what_to_do()
    {
        Assert.SkipUnless(ForeignUser.IsPossible && File.Exists("/usr/bin/setpriv"), "Only root can act as another user, by setpriv.");
        await using (var tried = SidecarProcess.Start(SidecarBinary.Current, ["--version"], userId: Somebody))
        {
            Assert.SkipUnless((await tried.WaitForExitAsync(Ct)).ExitCode == 0, "Another user may not run the program where it stands.");
        }

        await using var serve = await ServeAsync("100ms");

        await using var stranger = SidecarProcess.Start(SidecarBinary.Current, ["status", "--sidecar", $"unix:{_scene.State}/operator/sidecar.sock"], userId: Somebody);
        var refused = (await stranger.WaitForExitAsync(Ct)).ShouldExit(1);

        Assert.Contains("may not be asked: Permission denied", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Run as the user that serve runs as", refused.Error, StringComparison.Ordinal);
    }

    private async Task<SidecarProcess> ServeAsync(string interval)
    {
        var configuration = _scene.Elsewhere("serve.jsonc");
        File.WriteAllText(configuration, $$"""
            { "repository": { "path": "{{_scene.Repository}}" }, "state": { "path": "{{_scene.State}}" },
              "sources": [ { "path": "{{_scene.Database}}", "interval": "{{interval}}" } ], "service": { "appSocket": "{{AppSocket}}" } }
            """);
        var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", "--config", configuration]);
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);
        (await CommandScene.RunAsync("ensure-durable", "--sidecar", $"unix:{AppSocket}")).ShouldExit(0);
        return serve;
    }

    private static long Count(string database, string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection(new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
