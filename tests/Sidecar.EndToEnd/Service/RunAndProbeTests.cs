using BackupSidecar.EndToEnd.Cli;
using Xunit;

namespace BackupSidecar.EndToEnd.Service;

/// <summary>Apps that make no call themselves: started by the program, or after it has prepared their database.</summary>
public sealed class RunAndProbeTests : IDisposable
{
    private const string Ends = "trap 'echo ended; exit 3' TERM; echo started; while :; do sleep 0.1; done";

    private readonly CommandScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Operators => $"unix:{_scene.State}/operator/sidecar.sock";

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task An_app_has_its_arguments_its_output_and_its_exit_code()
    {
        await using var serve = await ServeAsync();

        var result = await RunAsync("--", "sh", "-c", "echo \"got $1\"; exit 7", "sh", "--an argument");

        Assert.Equal((7, "got --an argument"), (result.ExitCode, result.Output.Trim()));
        Assert.Contains("cannot be started", (await RunAsync("--", "/no/such/program")).ShouldExit(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_goes_to_the_app()
    {
        await using var serve = await ServeAsync();
        await using var run = SidecarProcess.Start(SidecarBinary.Current, ["run", "--state", _scene.State, "--", "sh", "-c", Ends]);
        _ = await run.WaitForOutputLineAsync(line => line == "started", Ct);

        run.Terminate();

        var result = await run.WaitForExitAsync(Ct);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("ended", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_before_the_app_has_started_ends_the_wait()
    {
        await using var run = SidecarProcess.Start(SidecarBinary.Current, ["run", "--state", _scene.State, "--unreachable-after", "1d", "--", "sh", "-c", Ends]);
        while (!run.HasExited)
        {
            run.Terminate();
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
        }

        Assert.Equal(143, (await run.WaitForExitAsync(Ct)).ExitCode);
    }

    [Fact]
    public async Task Without_a_sidecar_an_app_starts_only_on_a_whole_database_and_if_it_may()
    {
        Assert.Contains("No sidecar could be reached within 1s, so that the app is not started", (await RunAsync("--unreachable-after", "1s", "--", "true")).ShouldExit(1).Error, StringComparison.Ordinal);
        var existing = await RunAsync("--unreachable-after", "0s", "--open-existing", _scene.Database, "--", "echo", "opened");
        Assert.Equal((0, "opened"), (existing.ExitCode, existing.Output.Trim()));
        Assert.Contains("nothing protects what it commits", existing.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_scene.Database + ".restore-pending", "", Ct);
        Assert.Contains("was interrupted", (await RunAsync("--unreachable-after", "0s", "--open-existing", _scene.Database, "--", "echo", "opened")).ShouldExit(15).Error, StringComparison.Ordinal);
        Assert.Contains("there is no database", (await RunAsync("--unreachable-after", "0s", "--open-existing", _scene.Elsewhere("none.db"), "--", "echo", "opened")).ShouldExit(15).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_ends_the_app_with_75_and_is_confirmed_when_the_next_one_has_run_for_a_while()
    {
        await using var serve = await ServeAsync();
        await using (var first = SidecarProcess.Start(SidecarBinary.Current, ["run", "--state", _scene.State, "--", "sh", "-c", Ends]))
        {
            _ = await first.WaitForOutputLineAsync(line => line == "started", Ct);
            (await CommandScene.RunAsync("restore", "--sidecar", Operators)).ShouldExit(0);
            var ended = await first.WaitForExitAsync(Ct);
            Assert.Equal(75, ended.ExitCode);
            Assert.Contains("The app is asked to end: Restore ", ended.Error, StringComparison.Ordinal);
        }

        await using var second = SidecarProcess.Start(SidecarBinary.Current, ["run", "--state", _scene.State, "--confirm-after", "1s", "--", "sh", "-c", Ends]);
        _ = await second.WaitForOutputLineAsync(line => line == "started", Ct);
        var watched = await CommandScene.RunAsync("restores", "watch", "--state", _scene.State, "--json");

        // Killed, it would leave the app behind.
        second.Terminate();
        Assert.Equal(3, (await second.WaitForExitAsync(Ct)).ExitCode);
        Assert.Equal("confirmed", (string?)CommandScene.ParseLines(watched.ShouldExit(0))[^1]["restore"]!["state"]);
    }

    [Theory]
    [InlineData("restore", "--if-missing", "--sidecar")]
    [InlineData("probe", "startup", "--prepare", "--sidecar")]
    public async Task A_missing_database_is_filled_before_the_app_starts(params string[] command)
    {
        await using var serve = await ServeAsync();
        _scene.Execute("INSERT INTO t (body) VALUES ('kept')");
        (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State)).ShouldExit(0);
        foreach (var file in Directory.GetFiles(_scene.Data))
        {
            File.Delete(file);
        }

        (await CommandScene.RunAsync([.. command, Operators])).ShouldExit(0);

        _scene.Execute("UPDATE t SET body = 'found' WHERE body = 'kept'");
        var shown = CommandScene.ParseLines((await CommandScene.RunAsync("restores", "show", "--state", _scene.State, "--json")).ShouldExit(0))[^1]["restore"]!;
        Assert.Equal("confirmed", (string?)shown["state"]);
    }

    [Fact]
    public async Task Probes_tell_a_serve_that_answers_from_one_that_is_not_there()
    {
        foreach (var probe in (string[])["startup", "readiness", "liveness"])
        {
            Assert.Contains("No serve is running", (await CommandScene.RunAsync("probe", probe, "--state", _scene.State)).ShouldExit(1).Error, StringComparison.Ordinal);
        }

        await using var serve = await ServeAsync();
        Directory.Delete(_scene.Repository, recursive: true);
        foreach (var probe in (string[])["startup", "readiness", "liveness"])
        {
            Assert.Equal($"{probe}: ok", (await CommandScene.RunAsync("probe", probe, "--state", _scene.State)).ShouldExit(0).Output.Trim());
        }
    }

    private Task<SidecarResult> RunAsync(params string[] arguments) => CommandScene.RunAsync(["run", "--state", _scene.State, .. arguments]);

    private async Task<SidecarProcess> ServeAsync()
    {
        var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", "--database", _scene.Database, "--repository", _scene.Repository, "--state", _scene.State]);
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);
        (await CommandScene.RunAsync("ensure-durable", "--state", _scene.State)).ShouldExit(0);
        return serve;
    }
}
