using BackupSidecar.EndToEnd.Cli;
using Xunit;

namespace BackupSidecar.EndToEnd.Client;

/// <summary>The start of an app with its sidecar late, gone, or silent.</summary>
public sealed class StartTests : IDisposable
{
    private readonly ClientScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task An_app_that_starts_before_its_sidecar_waits_for_it()
    {
        await using var app = _scene.StartApp();
        await app.WaitForOutputLineAsync(line => line.Contains("Waiting for the sidecar before the database is opened", StringComparison.Ordinal), Ct);
        Assert.DoesNotContain("prepared", app.ToString(), StringComparison.Ordinal);

        await using var serve = await _scene.ServeAsync();

        await app.WaitForOutputLineAsync(line => line.StartsWith("prepared Existing", StringComparison.Ordinal), Ct);
        await app.WaitForOutputLineAsync(line => line == "health Healthy", Ct);
    }

    [Fact]
    public async Task An_app_without_a_sidecar_does_not_start_and_says_what_to_do()
    {
        await using var app = _scene.StartApp("--unreachable", "0.5");

        var result = await app.WaitForExitAsync(Ct);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("No sidecar has been reached for UnreachableAfter, 00:00:00.5000000", result.Error, StringComparison.Ordinal);
        Assert.Contains("set WhenUnreachable to OpenExisting", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_that_may_opens_the_database_that_is_there_and_works_with_the_sidecar_as_soon_as_that_runs()
    {
        await using var app = _scene.StartApp("--unreachable", "0.5", "--without", "OpenExisting");
        await app.WaitForOutputLineAsync(line => line.StartsWith("prepared WithoutSidecar", StringComparison.Ordinal), Ct);
        await app.WaitForOutputLineAsync(line => line == "health Degraded", Ct);

        await using var serve = await _scene.ServeAsync();
        await app.WaitForOutputLineAsync(line => line == "health Healthy", Ct);
        _ = await _scene.StageAsync(await _scene.PositionAsync());

        (await app.WaitForExitAsync(Ct)).ShouldExit(75);
    }

    [Fact]
    public async Task An_app_that_may_open_what_is_there_begins_no_empty_database()
    {
        File.Delete(_scene.Database);
        await using var app = _scene.StartApp("--unreachable", "0", "--without", "OpenExisting");

        var result = await app.WaitForExitAsync(Ct);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"There is no database at {_scene.Database}", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_scene.Database));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_app_that_may_open_what_is_there_does_not_open_it_under_an_unfinished_restore(bool isLink)
    {
        await File.WriteAllTextAsync(_scene.Database + ".restore-pending", "", Ct);
        var link = Path.Join(Path.GetDirectoryName(_scene.Commands.Restored), "link.db");
        _ = File.CreateSymbolicLink(link, _scene.Database);
        await using var app = _scene.StartApp("--unreachable", "0", "--without", "OpenExisting", "--database", isLink ? link : _scene.Database);

        var result = await app.WaitForExitAsync(Ct);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"since there is {_scene.Database}.restore-pending", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sidecar_that_stands_still_counts_as_none()
    {
        await using var serve = await _scene.ServeAsync();
        serve.Pause();
        await using var app = _scene.StartApp("--unreachable", "1", "--without", "OpenExisting");

        await app.WaitForOutputLineAsync(line => line.StartsWith("prepared WithoutSidecar", StringComparison.Ordinal), Ct);
        await app.WaitForOutputLineAsync(line => line == "health Degraded", Ct);
        serve.Resume();

        await app.WaitForOutputLineAsync(line => line == "health Healthy", Ct);
    }

    [Fact]
    public async Task A_host_that_was_not_prepared_does_not_start()
    {
        await using var serve = await _scene.ServeAsync();
        await using var app = _scene.StartApp("--prepare", "never");

        var result = await app.WaitForExitAsync(Ct);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Call 'await app.PrepareDatabaseAsync();' right after Build()", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Application started", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_are_wrong_are_all_named()
    {
        await using var app = _scene.StartApp("--patience", "0", "--extend", "0.5", "--version", " 1", "--without", "OpenExisting", "--database", "");

        var result = await app.WaitForExitAsync(Ct);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("PrepareTimeout is 00:00:00: 00:00:01 to 7.00:00:00 is allowed.", result.Error, StringComparison.Ordinal);
        Assert.Contains("ExtendConfirmationBy is 00:00:00.5000000", result.Error, StringComparison.Ordinal);
        Assert.Contains("AppVersion is ' 1'", result.Error, StringComparison.Ordinal);
        Assert.Contains("DatabasePath is empty", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_sidecar_refuses_is_said_with_its_hint_and_not_passed_over()
    {
        await using var serve = await _scene.ServeAsync();
        await using var app = _scene.StartApp("--source", "unknown", "--without", "OpenExisting", "--unreachable", "0");

        var result = await app.WaitForExitAsync(Ct);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("There is no source 'unknown'. Name it as the configuration of the sidecar does", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_before_another_version_of_the_app_is_kept()
    {
        await using var serve = await _scene.ServeAsync();
        foreach (var version in (string[])["1.0", "2.0"])
        {
            await using var app = _scene.StartApp("--version", version);
            await app.WaitForOutputLineAsync(line => line.Contains("Application started", StringComparison.Ordinal), Ct);
            app.Terminate();
            (await app.WaitForExitAsync(Ct)).ShouldExit(0);
        }

        var list = (await CommandScene.RunAsync("list", "--repository", _scene.Commands.Repository)).ShouldExit(0).Output;

        Assert.Contains("before 2.0", list, StringComparison.Ordinal);
        Assert.DoesNotContain("before 1.0", list, StringComparison.Ordinal);
    }
}
