using BackupSidecar.EndToEnd.Cli;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>Two sidecars and one remote repository, with real processes, in a directory and in an emulated Google Drive.</summary>
public sealed class WriterLeaseTests : IAsyncDisposable
{
    private readonly PlacedRemoteScene _placed = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RemoteScene Scene => _placed.Scene;

    public ValueTask DisposeAsync() => _placed.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_sidecar_is_refused_until_it_takes_over_and_then_the_first_one_acknowledges_nothing_more(bool isDrive)
    {
        await _placed.AddAsync(isDrive);
        await using var first = await Scene.ServeAsync();
        (await Scene.EnsureRemoteAsync()).ShouldExit(0);
        var other = await Scene.ConfigureAnotherAsync("second");

        // The lock of a directory would speak first: the first one is away, with its lease.
        first.Kill();
        await first.WaitForExitAsync(Ct);
        await using (var refused = await RemoteScene.ServeWithAsync(other))
        {
            _ = (await RemoteScene.EnsureRemoteAsync(Scene.StateOf("second"), "3s")).ShouldExit(1);
            var status = (await CommandScene.RunAsync("status", "--state", Scene.StateOf("second"))).ShouldExit(0);
            Assert.Contains("is written by 'first' on host", status.Output, StringComparison.Ordinal);
            refused.Terminate();
            _ = await refused.WaitForExitAsync(Ct);
        }

        var taken = (await CommandScene.RunAsync("repository", "take-over", "offsite", "--config", other)).ShouldExit(0);
        Assert.Contains("Before it was 'first' on host", taken.Output, StringComparison.Ordinal);
        await using (var second = await RemoteScene.ServeWithAsync(other))
        {
            (await RemoteScene.EnsureRemoteAsync(Scene.StateOf("second"), "60s")).ShouldExit(0);
            second.Kill();
            _ = await second.WaitForExitAsync(Ct);
        }

        await using var back = await Scene.ServeAsync();
        Scene.Execute("INSERT INTO t (body) VALUES ('nobody else has this')");
        _ = (await Scene.EnsureRemoteAsync("3s")).ShouldExit(1);
        Assert.Contains("is written by 'second' on host", (await CommandScene.RunAsync("status", "--state", Scene.State)).ShouldExit(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_was_paused_while_another_took_over_acknowledges_nothing_when_it_goes_on()
    {
        await _placed.AddAsync(isDrive: true);
        await using var first = await Scene.ServeAsync();
        (await Scene.EnsureRemoteAsync()).ShouldExit(0);
        first.Pause();
        var other = await Scene.ConfigureAnotherAsync("second");
        (await CommandScene.RunAsync("repository", "take-over", "offsite", "--config", other)).ShouldExit(0);
        Scene.Execute("INSERT INTO t (body) VALUES ('after the take-over')");
        first.Resume();

        _ = (await Scene.EnsureRemoteAsync("5s")).ShouldExit(1);

        Assert.Contains("was taken over by 'second' on host", (await CommandScene.RunAsync("status", "--state", Scene.State)).ShouldExit(0).Output, StringComparison.Ordinal);
    }
}
