using System.Text.RegularExpressions;
using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>A second repository, with real processes: it outlives the first one, and a fresh machine goes on with it.</summary>
public sealed class RemoteRepositoryTests : IDisposable
{
    private readonly RemoteScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_fresh_machine_goes_on_with_the_history_and_sends_only_what_differs()
    {
        await _scene.AddRemoteAsync();
        _scene.Execute("CREATE TABLE numbers (number INTEGER); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t (body) SELECT randomblob(1000) FROM n");
        await using (var serve = await _scene.ServeAsync())
        {
            (await _scene.EnsureRemoteAsync()).ShouldExit(0);
            serve.Terminate();
            (await serve.WaitForExitAsync(Ct)).ShouldExit(0);
        }

        var before = (await RemoteScene.SummaryAsync("list", "--repository", _scene.Remote))["sources"]![0]!;
        _scene.LoseLocal();
        _scene.Execute("INSERT INTO numbers VALUES (1)");
        await using (var again = await _scene.ServeAsync())
        {
            (await _scene.EnsureRemoteAsync()).ShouldExit(0);
            var status = (await RemoteScene.SummaryAsync("status", "--state", _scene.State))["serve"]!["sources"]![0]!;
            Assert.InRange((long)status["remotes"]![0]!["bytes"]!, 1, (long)before["storedBytes"]! / 20);
            Assert.True((long)status["position"]! > (long)before["points"]!);
            again.Terminate();
            (await again.WaitForExitAsync(Ct)).ShouldExit(0);
        }

        var after = (await RemoteScene.SummaryAsync("list", "--repository", _scene.Remote))["sources"]![0]!;
        Assert.Equal((string?)before["id"], (string?)after["id"]);
        (await CommandScene.RunAsync("restore", "--repository", _scene.Remote, "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal([1L], RemoteScene.Numbers(_scene.Restored));
        (await CommandScene.RunAsync("verify", "--repository", _scene.Remote, "--level", "drill")).ShouldExit(0);
    }

    [Fact]
    public async Task A_restore_with_the_configuration_takes_the_second_repository_where_the_first_is_gone()
    {
        await _scene.AddRemoteAsync();
        _scene.Execute("CREATE TABLE numbers (number INTEGER); INSERT INTO numbers VALUES (7)");
        await using (var serve = await _scene.ServeAsync())
        {
            (await _scene.EnsureRemoteAsync()).ShouldExit(0);
            serve.Kill();
            await serve.WaitForExitAsync(Ct);
        }

        (await CommandScene.RunAsync("repository", "check", "offsite", "--config", _scene.Configuration)).ShouldExit(0);
        _scene.LoseLocal();

        var restored = (await CommandScene.RunAsync("restore", "--config", _scene.Configuration, "--output", _scene.Restored)).ShouldExit(0);

        Assert.Contains($"Not restored from repository 'local': There is no repository in {_scene.Local}.", restored.Error, StringComparison.Ordinal);
        Assert.Equal([7L], RemoteScene.Numbers(_scene.Restored));
        Assert.Equal(3, (int)(await RemoteScene.SummaryAsync("repository", "list", "--config", _scene.Configuration))["exitCode"]!);
    }

    /// <summary>As with the snapshot of a volume. The local repository is whole, and a restore from it succeeds.</summary>
    [Fact]
    public async Task Where_the_local_repository_was_set_back_a_person_is_told_how_to_get_the_newer_state_and_nobody_else_gets_the_older_one()
    {
        await SetBackAsync();

        var older = (await CommandScene.RunAsync("restore", "--config", _scene.Configuration, "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal([1L], RemoteScene.Numbers(_scene.Restored));
        Assert.Contains("THIS MAY NOT BE THE NEWEST STATE. Repository 'local' ends with position", older.Error, StringComparison.Ordinal);

        var position = Regex.Match(older.Error, "'--position ([^']+)' takes the newer one").Groups[1].Value;
        (await CommandScene.RunAsync("restore", "--config", _scene.Configuration, "--position", position, "--output", _scene.Elsewhere("newer.db"))).ShouldExit(0);
        Assert.Equal([1L, 2L], RemoteScene.Numbers(_scene.Elsewhere("newer.db")).Order());

        (await CommandScene.RunAsync("restore", "--config", _scene.Configuration, "--if-missing", "--output", _scene.Elsewhere("filled.db"))).ShouldExit(13);
        Assert.False(File.Exists(_scene.Elsewhere("filled.db")));
    }

    [Fact]
    public async Task Where_the_local_repository_was_set_back_and_has_gone_on_both_histories_are_named_and_each_can_be_had()
    {
        await SetBackAsync();
        await using (var serve = await _scene.ServeAsync())
        {
            // At least as many positions as the other history has.
            for (var number = 3; number <= 6; number++)
            {
                _scene.Execute($"INSERT INTO numbers VALUES ({number})");
                (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State)).ShouldExit(0);
            }

            serve.Kill();
            await serve.WaitForExitAsync(Ct);
        }

        var here = (await CommandScene.RunAsync("restore", "--config", _scene.Configuration, "--output", _scene.Restored)).ShouldExit(0);
        Assert.Contains("THIS MAY NOT BE THE STATE YOU WANT. Repositories 'local' and 'offsite' hold two histories of source 'app': position ", here.Error, StringComparison.Ordinal);
        Assert.Equal([1L, 2L, 3L, 4L, 5L, 6L], RemoteScene.Numbers(_scene.Restored).Order());

        var parting = Regex.Match(here.Error, "two histories of source 'app': position ([0-9]+)").Groups[1].Value;
        var byNumber = (await CommandScene.RunAsync("restore", "--config", _scene.Configuration, "--position", parting, "--output", _scene.Elsewhere("number.db"))).ShouldExit(0);
        Assert.Contains("THIS MAY NOT BE THE STATE YOU WANT.", byNumber.Error, StringComparison.Ordinal);

        (await CommandScene.RunAsync("restore", "--config", _scene.Configuration, "--if-missing", "--output", _scene.Elsewhere("filled.db"))).ShouldExit(13);
        Assert.False(File.Exists(_scene.Elsewhere("filled.db")));

        var there = (await CommandScene.RunAsync("restore", "--config", _scene.Configuration, "--repository-name", "offsite", "--output", _scene.Elsewhere("there.db"))).ShouldExit(0);
        Assert.DoesNotContain("THIS MAY NOT BE", there.Error, StringComparison.Ordinal);
        Assert.Equal([1L, 2L], RemoteScene.Numbers(_scene.Elsewhere("there.db")).Order());
    }

    [Fact]
    public async Task The_plan_of_a_running_serve_says_that_another_repository_knows_a_newer_state()
    {
        await _scene.AddRemoteAsync();
        _scene.Execute("CREATE TABLE numbers (number INTEGER)");
        await ServeUntilThereAsync();
        var snapshot = _scene.Elsewhere("snapshot");
        Copy(_scene.Local, snapshot);
        await using (var ahead = await _scene.ServeAsync())
        {
            // More than the serve after it finds to capture.
            for (var number = 1; number <= 4; number++)
            {
                _scene.Execute($"INSERT INTO numbers VALUES ({number})");
                (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State)).ShouldExit(0);
            }

            (await _scene.EnsureRemoteAsync()).ShouldExit(0);
            ahead.Kill();
            await ahead.WaitForExitAsync(Ct);
        }

        Directory.Delete(_scene.Local, recursive: true);
        Directory.Move(snapshot, _scene.Local);
        await using var serve = await _scene.ServeAsync();
        (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State)).ShouldExit(0);

        var plan = (await CommandScene.RunAsync("restores", "plan", "--state", _scene.State)).ShouldExit(0);

        Assert.Contains("THIS MAY NOT BE THE NEWEST STATE. Repository 'local' ends with position", plan.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_is_no_repository_is_never_made_one_by_serve()
    {
        await _scene.AddRemoteAsync();
        Directory.Delete(_scene.Remote, recursive: true);
        Directory.CreateDirectory(_scene.Remote);
        await using var serve = await _scene.ServeAsync();

        (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State)).ShouldExit(0);
        var refused = (await _scene.EnsureRemoteAsync("3s")).ShouldExit(1);
        var status = (await CommandScene.RunAsync("status", "--state", _scene.State)).ShouldExit(0);

        Assert.NotEmpty(refused.OutputLines);
        Assert.Contains($"There is no repository in {_scene.Remote}.", status.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_scene.Remote));
    }

    [Fact]
    public async Task A_copy_holds_every_point_that_is_asked_for_and_a_second_one_copies_nothing()
    {
        for (var i = 0; i < 4; i++)
        {
            _scene.Execute($"INSERT INTO t (body) VALUES ('{i}')");
            (await CommandScene.RunAsync("backup", "--database", _scene.Database, "--repository", _scene.Local, "--state", _scene.State, "--label", $"n{i}")).ShouldExit(0);
        }

        (await CommandScene.RunAsync("repository", "copy", "--from", _scene.Local, "--to", _scene.Remote, "--points")).ShouldExit(0);
        var again = await RemoteScene.SummaryAsync("repository", "copy", "--from", _scene.Local, "--to", _scene.Remote, "--points");

        Assert.Equal((0, 0, 0), ((int)again["sources"]![0]!["packs"]!, (int)again["sources"]![0]!["backups"]!, (int)again["sources"]![0]!["marks"]!));
        var (from, to) = (await RemoteScene.SummaryAsync("list", "--repository", _scene.Local), await RemoteScene.SummaryAsync("list", "--repository", _scene.Remote));
        Assert.Equal(Ids(from), Ids(to));
        (await CommandScene.RunAsync("restore", "--repository", _scene.Remote, "--label", "n1", "--output", _scene.Restored)).ShouldExit(0);
        (await CommandScene.RunAsync("verify", "--repository", _scene.Remote, "--level", "drill")).ShouldExit(0);

        static string[] Ids(System.Text.Json.Nodes.JsonNode list) => [.. list["sources"]![0]!["backups"]!.AsArray().Select(backup => (string)backup!["backupId"]!)];
    }

    /// <summary>The number 2 is in the second repository alone, as after the snapshot of the volume was brought back.</summary>
    private async Task SetBackAsync()
    {
        await _scene.AddRemoteAsync();
        _scene.Execute("CREATE TABLE numbers (number INTEGER); INSERT INTO numbers VALUES (1)");
        await ServeUntilThereAsync();
        var snapshot = _scene.Elsewhere("snapshot");
        Copy(_scene.Local, snapshot);
        _scene.Execute("INSERT INTO numbers VALUES (2)");
        await ServeUntilThereAsync();
        Directory.Delete(_scene.Local, recursive: true);
        Directory.Move(snapshot, _scene.Local);
    }

    private async Task ServeUntilThereAsync()
    {
        await using var serve = await _scene.ServeAsync();
        (await _scene.EnsureRemoteAsync()).ShouldExit(0);
        serve.Kill();
        await serve.WaitForExitAsync(Ct);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            var path = Path.Join(to, Path.GetRelativePath(from, file));
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }
    }
}
