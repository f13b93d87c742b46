using System.Text.Json.Nodes;
using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Service;

/// <summary>A restore under a running app: staged, put in place at its next start, confirmed or taken back; with the program, an app and their sockets.</summary>
public sealed class RestoreOnRestartTests : IDisposable
{
    private readonly CommandScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_running_app_gets_the_restored_database_at_its_next_start_and_goes_on_from_there()
    {
        await using var serve = await ServeAsync();
        var first = WriterProcess.Start();
        await first.OpenAsync("app", _scene.Database);
        var position = await CommitAsync(first, "old");
        _ = await CommitAsync(first, "new");

        var restore = await StageAsync("--position", $"{position}");
        Assert.Equal("existing", await PrepareAsync("instance-1"));
        Assert.Equal("2", await first.ScalarAsync("app", "SELECT count(*) FROM t WHERE body IN ('old', 'new')"));
        await first.ExitAsync();

        Assert.Equal("restored", await PrepareAsync("instance-2"));
        await using var second = WriterProcess.Start();
        await second.OpenAsync("app", _scene.Database);
        Assert.Equal("1", await second.ScalarAsync("app", "SELECT count(*) FROM t WHERE body IN ('old', 'new')"));
        (await RunAsync("lifecycle", "confirm", "--instance", "instance-2", "--restore", restore)).ShouldExit(0);
        _ = await CommitAsync(second, "after");

        Assert.Equal("confirmed", (string?)await ShowAsync(restore));
        serve.Kill();
        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal("2", await second.ScalarAsync("app", $"ATTACH '{_scene.Restored}' AS restored; SELECT count(*) FROM restored.t WHERE body IN ('old', 'after')"));
    }

    [Fact]
    public async Task An_undone_restore_gives_the_former_database_back_and_keeps_what_was_committed_since()
    {
        await using var serve = await ServeAsync();
        await using (var first = WriterProcess.Start())
        {
            await first.OpenAsync("app", _scene.Database);
            var position = await CommitAsync(first, "old");
            _ = await CommitAsync(first, "new");
            _ = await StageAsync("--position", $"{position}");
            await first.ExitAsync();
        }

        Assert.Equal("restored", await PrepareAsync("instance-1"));
        var restore = (string)CommandScene.ParseLines((await RunAsync("restores", "show", "--json")).ShouldExit(0))[^1]["restore"]!["restoreId"]!;
        await using (var second = WriterProcess.Start())
        {
            await second.OpenAsync("app", _scene.Database);
            await second.ExecuteAsync("app", "INSERT INTO t (body) VALUES ('since')");
            (await RunAsync("restores", "undo", restore)).ShouldExit(0);
            Assert.Equal("existing", await PrepareAsync("instance-2"));
            await second.ExitAsync();
        }

        Assert.Equal("rolled back", await PrepareAsync("instance-3"));
        await using var third = WriterProcess.Start();
        await third.OpenAsync("app", _scene.Database);
        Assert.Equal("2", await third.ScalarAsync("app", "SELECT count(*) FROM t WHERE body IN ('old', 'new')"));
        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--label", $"before undoing restore {restore}", "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal("1", await third.ScalarAsync("app", $"ATTACH '{_scene.Restored}' AS restored; SELECT count(*) FROM restored.t WHERE body = 'since'"));
    }

    [Fact]
    public async Task A_sidecar_that_was_killed_goes_on_with_what_it_had_staged_and_with_what_waits_for_its_confirmation()
    {
        string restore;
        await using (var serve = await ServeAsync())
        {
            await using var app = WriterProcess.Start();
            await app.OpenAsync("app", _scene.Database);
            restore = await StageAsync();
            await app.ExitAsync();
            serve.Kill();
            await serve.WaitForExitAsync(Ct);
        }

        await using (var serve = await ServeAsync())
        {
            Assert.Equal("restored", await PrepareAsync("instance-1"));
            serve.Kill();
            await serve.WaitForExitAsync(Ct);
        }

        await using var last = await ServeAsync();
        Assert.Equal("restored", await PrepareAsync("instance-1"));
        (await RunAsync("lifecycle", "confirm", "--instance", "instance-1", "--restore", restore)).ShouldExit(0);
        Assert.Equal("confirmed", (string?)await ShowAsync(restore));
    }

    [Fact]
    public async Task With_a_rollback_journal_an_idle_app_keeps_its_database_until_it_has_ended_and_the_former_one_stays()
    {
        _scene.Execute("PRAGMA journal_mode = DELETE");
        await using var serve = await ServeAsync();
        string restore;
        await using (var app = WriterProcess.Start())
        {
            await app.OpenAsync("app", _scene.Database);
            var position = await CommitAsync(app, "old");
            await app.ExecuteAsync("app", "INSERT INTO t (body) VALUES ('new')");
            restore = await StageAsync("--position", $"{position}");

            // It is idle, and holds no lock.
            Assert.Equal("existing", await PrepareAsync("instance-1"));
            Assert.Equal("2", await app.ScalarAsync("app", "SELECT count(*) FROM t WHERE body IN ('old', 'new')"));
            await app.ExitAsync();
        }

        Assert.Equal("restored", await PrepareAsync("instance-2"));
        (await RunAsync("lifecycle", "confirm", "--instance", "instance-2", "--restore", restore)).ShouldExit(0);
        var shown = CommandScene.ParseLines((await RunAsync("restores", "show", restore, "--json")).ShouldExit(0))[^1]["restore"]!;
        Assert.Contains("until you remove it", (string?)shown["warnings"]![0], StringComparison.Ordinal);
        await using var next = WriterProcess.Start();
        await next.OpenAsync("app", _scene.Database);
        Assert.Equal("1", await next.ScalarAsync("app", "SELECT count(*) FROM t WHERE body IN ('old', 'new')"));
        Assert.Equal("2", await next.ScalarAsync("app", $"ATTACH '{shown["safetyCopy"]}' AS former; SELECT count(*) FROM former.t WHERE body IN ('old', 'new')"));
    }

    [Fact]
    public async Task A_missing_database_is_filled_at_the_start_of_the_app()
    {
        await using (var before = await ServeAsync())
        {
            before.Kill();
            await before.WaitForExitAsync(Ct);
        }

        foreach (var path in Directory.GetFiles(_scene.Data))
        {
            File.Delete(path);
        }

        await using var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", "--database", _scene.Database, "--repository", _scene.Repository, "--state", _scene.State]);
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);

        Assert.Equal("restored", await PrepareAsync("instance-1"));
        Assert.True(File.Exists(_scene.Database));
    }

    [Fact]
    public async Task Plans_and_points_are_shown_and_mistakes_named()
    {
        await using var serve = await ServeAsync();

        var points = CommandScene.ParseLines((await RunAsync("restores", "points", "--json")).ShouldExit(0))[^1]["points"]!.AsArray();
        var plan = (await RunAsync("restores", "plan")).ShouldExit(0);
        var unknown = (await RunAsync("restores", "cancel", "0123456789abcdef")).ShouldExit(1);
        var malformed = (await RunAsync("lifecycle", "prepare", "--instance", "../x")).ShouldExit(1);
        var none = (await RunAsync("restores", "show")).ShouldExit(1);

        Assert.NotEmpty(points);
        Assert.Contains("nothing was done", plan.Output, StringComparison.Ordinal);
        Assert.Contains("has no restore '0123456789abcdef'", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("The instance_id '../x' is not allowed", malformed.Error, StringComparison.Ordinal);
        Assert.Contains("There has been no restore of source 'app'", none.Error, StringComparison.Ordinal);
    }

    private Task<SidecarResult> RunAsync(params string[] arguments) => CommandScene.RunAsync([.. arguments, "--state", _scene.State]);

    private async Task<long> CommitAsync(WriterProcess app, string body)
    {
        await app.ExecuteAsync("app", $"INSERT INTO t (body) VALUES ('{body}')");
        return (long)CommandScene.ParseLines((await RunAsync("ensure-durable", "--json")).ShouldExit(0))[^1]["position"]!;
    }

    private async Task<string> StageAsync(params string[] selection)
    {
        var restore = CommandScene.ParseLines((await RunAsync(["restores", "stage", .. selection, "--json"])).ShouldExit(0))[^1]["restore"]!;
        Assert.Equal("staged", (string?)restore["state"]);
        return (string)restore["restoreId"]!;
    }

    private async Task<string?> PrepareAsync(string instance) =>
        (string?)CommandScene.ParseLines((await RunAsync("lifecycle", "prepare", "--instance", instance, "--json")).ShouldExit(0))[^1]["preparation"];

    private async Task<JsonNode?> ShowAsync(string restore) => CommandScene.ParseLines((await RunAsync("restores", "show", restore, "--json")).ShouldExit(0))[^1]["restore"]!["state"];

    private async Task<SidecarProcess> ServeAsync()
    {
        var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", "--database", _scene.Database, "--repository", _scene.Repository, "--state", _scene.State]);
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);
        (await RunAsync("ensure-durable")).ShouldExit(0);
        return serve;
    }
}
