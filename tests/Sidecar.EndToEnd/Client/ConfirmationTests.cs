using Xunit;

namespace BackupSidecar.EndToEnd.Client;

/// <summary>Apps that do not work on the restored database: they never confirm it, and the one from before comes back.</summary>
public sealed class ConfirmationTests : IDisposable
{
    private readonly ClientScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData("unhealthy")]
    [InlineData("hanging")]
    public async Task An_app_whose_health_checks_do_not_pass_never_confirms_and_its_database_is_taken_back(string check)
    {
        await using var serve = await _scene.ServeAsync(confirmWithin: "3s");
        var restore = await _scene.StageAsync(await _scene.PositionAsync());

        await using (var ill = _scene.StartApp("--check", check))
        {
            await ill.WaitForOutputLineAsync(line => line == $"prepared Restored {restore}", Ct);
            var result = (await ill.WaitForExitAsync(Ct)).ShouldExit(75);
            Assert.DoesNotContain("is confirmed", result.Output, StringComparison.Ordinal);
            Assert.Contains($"Restore {restore} is taken back", result.Output, StringComparison.Ordinal);
        }

        await using var well = _scene.StartApp();
        await well.WaitForOutputLineAsync(line => line == $"prepared RolledBack {restore}", Ct);
        Assert.Equal("rolled back", await _scene.StateOfAsync(restore));
    }

    [Fact]
    public async Task An_app_that_was_killed_three_times_before_it_confirmed_gets_its_former_database()
    {
        await using var serve = await _scene.ServeAsync();
        var restore = await _scene.StageAsync(await _scene.PositionAsync());
        for (var start = 1; start <= 3; start++)
        {
            await using var app = _scene.StartApp("--check", "unhealthy");
            await app.WaitForOutputLineAsync(line => line == $"prepared Restored {restore}", Ct);
            app.Kill();
            await app.WaitForExitAsync(Ct);
        }

        await using var fourth = _scene.StartApp();
        await fourth.WaitForOutputLineAsync(line => line == $"prepared RolledBack {restore}", Ct);
        Assert.Equal("rolled back", await _scene.StateOfAsync(restore));
    }

    [Fact]
    public async Task An_app_that_hangs_in_its_start_loses_the_restored_database_when_somebody_ends_it()
    {
        await using var serve = await _scene.ServeAsync(confirmWithin: "2s");
        var restore = await _scene.StageAsync(await _scene.PositionAsync());
        await using (var hanging = _scene.StartApp("--start", "hanging"))
        {
            await hanging.WaitForOutputLineAsync(line => line == $"prepared Restored {restore}", Ct);
            await using var watcher = SidecarProcess.Start(SidecarBinary.Current, ["lifecycle", "watch", "--instance", "watcher-1", "--state", _scene.Commands.State]);
            await watcher.WaitForOutputLineAsync(line => line.StartsWith("Restart: ", StringComparison.Ordinal), Ct);
            Assert.False(hanging.HasExited);
        }

        await using var next = _scene.StartApp();
        await next.WaitForOutputLineAsync(line => line == $"prepared RolledBack {restore}", Ct);
    }

    [Fact]
    public async Task An_app_starts_again_when_its_restore_is_undone_before_it_has_confirmed()
    {
        await using var serve = await _scene.ServeAsync();
        var restore = await _scene.StageAsync(await _scene.PositionAsync());
        await using var app = _scene.StartApp("--check", "unhealthy", "--confirm", "by-hand");
        await app.WaitForOutputLineAsync(line => line == "health Healthy", Ct);

        (await _scene.RunAsync("restores", "undo", restore)).ShouldExit(0);

        (await app.WaitForExitAsync(Ct)).ShouldExit(75);
        await using var next = _scene.StartApp();
        await next.WaitForOutputLineAsync(line => line == $"prepared RolledBack {restore}", Ct);
    }

    [Fact]
    public async Task A_restore_gets_the_time_that_the_app_asks_for()
    {
        await using var serve = await _scene.ServeAsync(confirmWithin: "1m");
        _ = await _scene.StageAsync(await _scene.PositionAsync());
        await using var app = _scene.StartApp("--extend", "7200", "--check", "unhealthy");

        var line = await app.WaitForOutputLineAsync(line => line.StartsWith("confirm within ", StringComparison.Ordinal), Ct);

        Assert.InRange(int.Parse(line["confirm within ".Length..], System.Globalization.CultureInfo.InvariantCulture), 7000, 7200);
    }

    [Fact]
    public async Task An_instance_beside_another_one_ends_only_after_a_pause()
    {
        await using var serve = await _scene.ServeAsync();
        var other = SidecarProcess.Start(SidecarBinary.Current, ["lifecycle", "watch", "--instance", "watcher-1", "--state", _scene.Commands.State]);
        await using (other)
        {
            await other.WaitForOutputLineAsync(line => line == "Nothing is wanted.", Ct);
            _ = await _scene.StageAsync(await _scene.PositionAsync());
            await using var beside = _scene.StartApp("--pause", "0.5");
            await beside.WaitForOutputLineAsync(line => line.StartsWith("prepared Existing", StringComparison.Ordinal), Ct);

            Assert.Contains("since other instances run", (await beside.WaitForExitAsync(Ct)).ShouldExit(75).Output, StringComparison.Ordinal);
        }

        await using var alone = _scene.StartApp();
        await alone.WaitForOutputLineAsync(line => line.StartsWith("prepared Restored", StringComparison.Ordinal), Ct);
        await alone.WaitForOutputLineAsync(line => line.Contains("is confirmed", StringComparison.Ordinal), Ct);
    }

    [Fact]
    public async Task An_app_hears_of_a_restore_that_a_new_process_of_its_sidecar_stages()
    {
        await using var app = await StartedBeforeAsync();
        await app.WaitForOutputLineAsync(line => line.Contains("The sidecar is not reached", StringComparison.Ordinal), Ct);
        await app.WaitForOutputLineAsync(line => line == "health Degraded", Ct);

        await using var serve = await _scene.ServeAsync();
        _ = await _scene.StageAsync(await _scene.PositionAsync());

        (await app.WaitForExitAsync(Ct)).ShouldExit(75);
    }

    /// <summary>An app whose sidecar is killed.</summary>
    private async Task<SidecarProcess> StartedBeforeAsync()
    {
        await using var serve = await _scene.ServeAsync();
        var app = _scene.StartApp();
        await app.WaitForOutputLineAsync(line => line == "health Healthy", Ct);
        serve.Kill();
        return app;
    }
}
