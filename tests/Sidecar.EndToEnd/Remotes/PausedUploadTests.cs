using System.Text.Json.Nodes;
using BackupSidecar.EndToEnd.Cli;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>A sidecar is paused with an upload under way, another one takes over, and the first one goes on.</summary>
public sealed class PausedUploadTests
{
    private const int LargeBytes = 6_000_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_under_way_when_another_took_over_is_not_acknowledged_and_the_second_one_goes_on()
    {
        await using var scene = await BrokenDriveScene.StartAsync();
        await using var first = await scene.Scene.ServeAsync();
        Assert.True(await scene.EnsureAsync("60s"));
        var other = await ConfigureSecondAsync(scene);

        var isUnderWay = await scene.Line.HoldAfterAsync(LargeBytes / 2);
        await scene.CommitAsync(LargeBytes);
        var asked = scene.Scene.EnsureRemoteAsync("25s");
        await isUnderWay;
        first.Pause();
        (await CommandScene.RunAsync("repository", "take-over", "offsite", "--config", other)).ShouldExit(0);
        await scene.Line.OpenAsync();
        first.Resume();

        _ = (await asked).ShouldExit(1);
        _ = (await scene.Scene.EnsureRemoteAsync("3s")).ShouldExit(1);
        var status = (await CommandScene.RunAsync("status", "--state", scene.Scene.State)).ShouldExit(0);
        Assert.Contains("was taken over by 'second' on host", status.Output, StringComparison.Ordinal);
        first.Kill();
        _ = await first.WaitForExitAsync(Ct);

        await using var second = await RemoteScene.ServeWithAsync(other);
        var ensured = await RemoteScene.EnsureRemoteAsync(scene.Scene.StateOf("second"), "40s");
        Assert.True(ensured.ExitCode == 0, (await CommandScene.RunAsync("status", "--state", scene.Scene.StateOf("second"))).Output + (await CommandScene.RunAsync("repository", "check", "offsite", "--config", other)).Output);

        // What the first one put after it had been taken over lies there, and no reader takes it for anything.
        var check = (await CommandScene.RunAsync("repository", "check", "offsite", "--config", other)).ShouldExit(0);
        Assert.Contains("of a sidecar that was taken over is not counted", check.Output, StringComparison.Ordinal);
    }

    /// <summary>Its way to Drive is not the line of the first one.</summary>
    private static async Task<string> ConfigureSecondAsync(BrokenDriveScene scene)
    {
        var path = await scene.Scene.ConfigureAnotherAsync("second");
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(path, Ct))!;
        configuration["remotes"]![0]!["drive"]!["endpoint"] = scene.Emulator.Address.ToString();
        await File.WriteAllTextAsync(path, configuration.ToJsonString(), Ct);
        return path;
    }
}
