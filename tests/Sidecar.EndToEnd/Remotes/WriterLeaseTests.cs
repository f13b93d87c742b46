using BackupSidecar.DriveEmulator;
using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>Two sidecars and one remote repository, with real processes, in a directory and in an emulated Google Drive.</summary>
public sealed class WriterLeaseTests : IAsyncLifetime
{
    private readonly RemoteScene _scene = new();
    private readonly ScratchDirectory _directory = new();
    private EmulatorHost? _emulator;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await (_emulator?.DisposeAsync() ?? ValueTask.CompletedTask);
        _scene.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_sidecar_is_refused_until_it_takes_over_and_then_the_first_one_acknowledges_nothing_more(bool isDrive)
    {
        await AddAsync(isDrive);
        await using var first = await _scene.ServeAsync();
        (await _scene.EnsureRemoteAsync()).ShouldExit(0);
        var other = await _scene.ConfigureAnotherAsync("second");

        // The lock of a directory would speak first: the first one is away, with its lease.
        first.Kill();
        await first.WaitForExitAsync(Ct);
        await using (var refused = await RemoteScene.ServeWithAsync(other))
        {
            _ = (await RemoteScene.EnsureRemoteAsync(_scene.StateOf("second"), "3s")).ShouldExit(1);
            var status = (await CommandScene.RunAsync("status", "--state", _scene.StateOf("second"))).ShouldExit(0);
            Assert.Contains("is written by 'first' on host", status.Output, StringComparison.Ordinal);
            refused.Terminate();
            _ = await refused.WaitForExitAsync(Ct);
        }

        var taken = (await CommandScene.RunAsync("repository", "take-over", "offsite", "--config", other)).ShouldExit(0);
        Assert.Contains("Before it was 'first' on host", taken.Output, StringComparison.Ordinal);
        await using (var second = await RemoteScene.ServeWithAsync(other))
        {
            (await RemoteScene.EnsureRemoteAsync(_scene.StateOf("second"), "60s")).ShouldExit(0);
            second.Kill();
            _ = await second.WaitForExitAsync(Ct);
        }

        await using var back = await _scene.ServeAsync();
        _scene.Execute("INSERT INTO t (body) VALUES ('nobody else has this')");
        _ = (await _scene.EnsureRemoteAsync("3s")).ShouldExit(1);
        Assert.Contains("is written by 'second' on host", (await CommandScene.RunAsync("status", "--state", _scene.State)).ShouldExit(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_was_paused_while_another_took_over_acknowledges_nothing_when_it_goes_on()
    {
        await AddAsync(isDrive: true);
        await using var first = await _scene.ServeAsync();
        (await _scene.EnsureRemoteAsync()).ShouldExit(0);
        first.Pause();
        var other = await _scene.ConfigureAnotherAsync("second");
        (await CommandScene.RunAsync("repository", "take-over", "offsite", "--config", other)).ShouldExit(0);
        _scene.Execute("INSERT INTO t (body) VALUES ('after the take-over')");
        first.Resume();

        _ = (await _scene.EnsureRemoteAsync("5s")).ShouldExit(1);

        Assert.Contains("was taken over by 'second' on host", (await CommandScene.RunAsync("status", "--state", _scene.State)).ShouldExit(0).Output, StringComparison.Ordinal);
    }

    private async Task AddAsync(bool isDrive)
    {
        if (!isDrive)
        {
            await _scene.AddRemoteAsync();
            return;
        }

        _emulator = await EmulatorHost.StartAsync(new EmulatorOptions { DataDirectory = _directory.Join("emulator"), AnyToken = true }, Ct);
        await _scene.AddDriveAsync(_emulator.BaseAddress);
    }
}
