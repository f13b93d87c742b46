using Xunit;

namespace BackupSidecar.EndToEnd.Cli;

public sealed class DemoTests : IDisposable
{
    private readonly CommandScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task The_demonstration_runs_to_its_end_and_leaves_nothing()
    {
        var temporary = Directory.CreateDirectory(_scene.Elsewhere("tmp")).FullName;
        await using var demo = SidecarProcess.Start(SidecarBinary.Current, ["demo"], new Dictionary<string, string?> { ["TMPDIR"] = temporary });

        var result = (await demo.WaitForExitAsync(TestContext.Current.CancellationToken)).ShouldExit(0);

        Assert.Contains("what the transfers add up to", result.Output, StringComparison.Ordinal);
        Assert.Contains("OK: every stored byte is as it was written", result.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(temporary, "backup-sidecar*"));
    }
}
