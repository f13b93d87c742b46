using System.Globalization;
using System.Text.Json.Nodes;
using BackupSidecar.Restore.Swap;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Cli;

/// <summary>The program as a service: its signals, its exit codes, its configuration, and the commands that look at it.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly CommandScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Configuration => _scene.Elsewhere("serve.jsonc");

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_database_whose_app_has_gone_ends_with_0_and_holds_its_last_commit()
    {
        await using var serve = await StartAsync();
        _scene.Execute("INSERT INTO t (body) VALUES ('the last one')");
        serve.Terminate();

        var result = (await serve.WaitForExitAsync(Ct)).ShouldExit(0);

        Assert.Empty(result.Output);
        Assert.Contains("every source has its final capture", result.Error, StringComparison.Ordinal);
        Assert.Equal([_scene.Database], Directory.GetFiles(_scene.Data));
        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal(File.ReadAllBytes(_scene.Database), File.ReadAllBytes(_scene.Restored));
    }

    [Fact]
    public async Task An_app_that_stays_attached_is_told_by_3_at_the_deadline_less_the_reserve()
    {
        WriteConfiguration("\"shutdown\": { \"deadline\": \"30s\", \"reserve\": \"29s\" }");
        await using var application = await AttachAsync();
        await using var serve = await StartAsync("--config", Configuration);
        serve.Terminate();

        var result = (await serve.WaitForExitAsync(Ct)).ShouldExit(3);

        Assert.Contains("commits after the final capture were possible: app", result.Error, StringComparison.Ordinal);
        (await CommandScene.RunAsync("verify", "--repository", _scene.Repository, "--level", "drill")).ShouldExit(0);
    }

    [Fact]
    public async Task A_second_signal_ends_it_at_once()
    {
        WriteConfiguration("\"shutdown\": { \"deadline\": \"1h\" }");
        await using var application = await AttachAsync();
        await using var serve = await StartAsync("--config", Configuration);
        serve.Terminate();
        await serve.WaitForErrorLineAsync(line => line.Contains("asked to end", StringComparison.Ordinal), Ct);

        // Signals close to the first one are taken for the same one.
        await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System, Ct);
        serve.Terminate();

        (await serve.WaitForExitAsync(Ct)).ShouldExit(143);
    }

    [Fact]
    public async Task Status_shows_it_and_SIGHUP_reads_the_configuration_again()
    {
        WriteConfiguration("\"log\": { \"format\": \"json\" }");
        await using var serve = await StartAsync("--config", Configuration);
        var status = (await CommandScene.RunAsync("status", "--config", Configuration, "--json")).ShouldExit(0);
        Assert.Equal("app", (string?)JsonNode.Parse(status.OutputLines[^1])!["serve"]!["sources"]![0]!["name"]);
        (await CommandScene.RunAsync(_scene.BackupArguments)).ShouldExit(11);

        WriteConfiguration("\"log\": { \"format\": \"json\" }", "\"enabled\": false");
        serve.HangUp();
        var line = await serve.WaitForErrorLineAsync(text => text.Contains("is paused", StringComparison.Ordinal), Ct);

        Assert.Equal("app", (string?)JsonNode.Parse(line)!["source"]);
        Assert.Contains("paused", (await CommandScene.RunAsync("status", "--state", _scene.State)).ShouldExit(0).Output, StringComparison.Ordinal);
        serve.Terminate();
        (await serve.WaitForExitAsync(Ct)).ShouldExit(0);
        (await CommandScene.RunAsync("status", "--state", _scene.State)).ShouldExit(1);
    }

    [Fact]
    public async Task A_misspelt_key_stops_the_start_and_config_check_shows_all()
    {
        WriteConfiguration("\"shutdwon\": {}", "\"intervall\": \"1s\"");

        var start = (await CommandScene.RunAsync("serve", "--config", Configuration)).ShouldExit(1);
        var check = (await CommandScene.RunAsync("config", "check", "--config", Configuration)).ShouldExit(1);

        Assert.Contains("(1 more)", start.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_scene.Repository));
        Assert.Contains("Did you mean 'shutdown'?", check.Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'interval'?", check.Error, StringComparison.Ordinal);
        WriteConfiguration("\"shutdown\": {}");
        Assert.Equal("8s", (string?)JsonNode.Parse((await CommandScene.RunAsync("config", "check", "--config", Configuration)).ShouldExit(0).Output)!["shutdown"]!["deadline"]);
    }

    [Fact]
    public async Task A_state_directory_beside_the_database_is_1_and_leaves_nothing_behind()
    {
        (await CommandScene.RunAsync("serve", "--database", _scene.Database, "--repository", _scene.Repository, "--state", _scene.Data)).ShouldExit(1);

        Assert.False(Directory.Exists(_scene.Repository));
        Assert.Equal([_scene.Database], Directory.GetFileSystemEntries(_scene.Data));
    }

    [Fact]
    public async Task It_gives_way_to_the_application_where_both_want_the_processor()
    {
        await using var serve = await StartAsync();

        var threads = Directory.GetDirectories($"/proc/{serve.Id}/task")
            .ToDictionary(path => path, path => int.Parse(File.ReadAllText(Path.Join(path, "stat")).Split(") ")[^1].Split(' ')[16], CultureInfo.InvariantCulture));

        Assert.All(threads, thread => Assert.InRange(thread.Value, 1, 19));
    }

    [Fact]
    public async Task It_may_open_as_many_files_as_the_hard_limit_allows()
    {
        await using var serve = await StartAsync([], openFiles: (256, 1777));

        var limit = File.ReadLines($"/proc/{serve.Id}/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));

        Assert.Equal(["1777", "1777"], limit.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..5]);
    }

    [Fact]
    public async Task A_restore_that_was_interrupted_is_undone_before_its_database_is_followed()
    {
        var inode = FileFacts.Of(_scene.Database)!.Value.Inode;
        File.WriteAllBytes(_scene.Database + ".restore-pending", SwapJournal.Of("0123456789abcdef", "gone", stagedInode: 1, oldInode: inode).ToBytes());

        await using var serve = await StartAsync();
        serve.Terminate();
        var result = (await serve.WaitForExitAsync(Ct)).ShouldExit(0);

        Assert.Contains("source 'app': An interrupted restore of", result.Error, StringComparison.Ordinal);
        Assert.Contains("is undone: nothing was replaced", result.Error, StringComparison.Ordinal);
        Assert.Equal([_scene.Database], Directory.GetFileSystemEntries(_scene.Data));
    }

    [Fact]
    public async Task Doctor_finds_nothing_on_a_sound_volume_and_leaves_nothing_behind()
    {
        var before = Directory.GetFileSystemEntries(Path.GetDirectoryName(_scene.Repository)!);

        var result = (await CommandScene.RunAsync("doctor", "--database", _scene.Database, "--repository", _scene.Repository, "--state", _scene.State)).ShouldExit(0);

        Assert.Contains("locks and shared memory work there between two processes", result.Output, StringComparison.Ordinal);
        Assert.Equal([_scene.Database], Directory.GetFileSystemEntries(_scene.Data));
        Assert.Equal(before, Directory.GetFileSystemEntries(Path.GetDirectoryName(_scene.Repository)!));
    }

    [Fact]
    public async Task Doctor_says_15_where_commits_could_be_missed()
    {
        await RunAsync("ln", _scene.Database, _scene.Elsewhere("other.db"));

        var lines = CommandScene.ParseLines((await CommandScene.RunAsync("doctor", "--database", _scene.Database, "--json")).ShouldExit(15));

        var wrong = lines[^1]["findings"]!.AsArray().Where(finding => (string?)finding!["severity"] == "unsafe").ToList();
        Assert.Contains("hard links", wrong.Select(finding => (string?)finding!["check"]));
        Assert.All(wrong, finding => Assert.NotNull((string?)finding!["hint"]));
    }

    [Fact]
    public async Task Doctor_names_other_replicators_and_writes_nothing_into_the_directory_of_a_database()
    {
        _scene.Execute("CREATE TABLE _litestream_seq (id INTEGER)");

        var result = (await CommandScene.RunAsync("doctor", "--database", _scene.Database, "--state", Path.Join(_scene.Data, "state"))).ShouldExit(0);

        Assert.Contains("Traces of Litestream", result.Output, StringComparison.Ordinal);
        Assert.Contains("were not tried: nothing is written into", result.Output, StringComparison.Ordinal);
        Assert.Equal([_scene.Database], Directory.GetFileSystemEntries(_scene.Data));
    }

    [Fact]
    public async Task Doctor_looks_at_what_a_configuration_asks_for()
    {
        _scene.Execute("PRAGMA journal_mode=WAL");
        WriteConfiguration("", """ "mode": "assist", "appSqliteVersion": "3.53.0" """);

        var lines = CommandScene.ParseLines((await CommandScene.RunAsync("doctor", "--config", Configuration, "--json")).ShouldExit(0));

        var assist = Assert.Single(lines[^1]["findings"]!.AsArray(), finding => (string?)finding!["check"] == "assist")!;
        Assert.Equal("ok", (string?)assist["severity"]);
        Assert.Contains("3.53.0", (string?)assist["reason"], StringComparison.Ordinal);
    }

    private void WriteConfiguration(string more, string source = "\"enabled\": true") => File.WriteAllText(
        Configuration,
        $$"""{ "repository": { "path": "{{_scene.Repository}}" }, "state": { "path": "{{_scene.State}}" }, "sources": [{ "name": "app", "path": "{{_scene.Database}}", {{source}} }], {{more}} }""");

    /// <summary>Returns when the first position is stored.</summary>
    private async Task<SidecarProcess> StartAsync(params string[] arguments) => await StartAsync(arguments, openFiles: null);

    private async Task<SidecarProcess> StartAsync(string[] arguments, (int Soft, int Hard)? openFiles)
    {
        string[] given = arguments.Length > 0 ? arguments : ["--database", _scene.Database, "--repository", _scene.Repository, "--state", _scene.State];
        var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", .. given], openFiles: openFiles);
        await serve.WaitForErrorLineAsync(line => line.Contains("pages stored", StringComparison.Ordinal), Ct);
        return serve;
    }

    private async Task<WriterProcess> AttachAsync()
    {
        var application = WriterProcess.Start();
        await application.OpenAsync("app", _scene.Database);
        await application.ExecuteAsync("app", "INSERT INTO t (body) VALUES ('attached')");
        return application;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync(Ct);
        Assert.Equal(0, process.ExitCode);
    }
}
