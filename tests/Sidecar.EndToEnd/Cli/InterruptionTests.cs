using Xunit;

namespace BackupSidecar.EndToEnd.Cli;

/// <summary>A signal in the middle of the work: exit code 130, nothing unfinished is visible, and the next run works.</summary>
public sealed class InterruptionTests : IDisposable
{
    private readonly CommandScene _scene = new();

    /// <summary>The promise is one second. The rest is for a machine on which other tests run.</summary>
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(2);

    public InterruptionTests() => _scene.Execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t (body) SELECT randomblob(1000000) FROM n");

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_interrupted_backup_leaves_nothing_and_the_next_one_works(bool terminate)
    {
        await using var backup = SidecarProcess.Start(SidecarBinary.Current, [.. _scene.BackupArguments, "--compression", "heavy", "--json"]);
        await backup.WaitForOutputLineAsync(line => line.Contains("progress", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var asked = TimeProvider.System.GetTimestamp();
        if (terminate)
        {
            backup.Terminate();
        }
        else
        {
            backup.Interrupt();
        }

        var result = (await backup.WaitForExitAsync(TestContext.Current.CancellationToken)).ShouldExit(130);
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.Zero, EndMax);

        Assert.Equal("error", (string?)CommandScene.ParseLines(result)[^1]["type"]);
        Assert.Empty(_scene.Objects("packs"));
        Assert.Empty(_scene.Objects("manifests"));
        Assert.Equal([_scene.Database], Directory.GetFiles(_scene.Data));
        (await CommandScene.RunAsync(_scene.BackupArguments)).ShouldExit(0);
        Assert.Empty(_scene.Objects(".staging"));
        (await CommandScene.RunAsync("verify", "--repository", _scene.Repository)).ShouldExit(0);
    }

    [Fact]
    public async Task An_interrupted_restore_leaves_nothing_and_the_next_one_works()
    {
        (await CommandScene.RunAsync(_scene.BackupArguments)).ShouldExit(0);
        await using var restore = SidecarProcess.Start(SidecarBinary.Current, ["restore", "--repository", _scene.Repository, "--output", _scene.Restored, "--json"]);
        await restore.WaitForOutputLineAsync(line => line.Contains("progress", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var asked = TimeProvider.System.GetTimestamp();
        restore.Interrupt();

        (await restore.WaitForExitAsync(TestContext.Current.CancellationToken)).ShouldExit(130);
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.Zero, EndMax);

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(_scene.Restored)!));
        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal(File.ReadAllBytes(_scene.Database), File.ReadAllBytes(_scene.Restored));
    }

    [Theory]
    [InlineData("data")]
    [InlineData("drill")]
    public async Task An_interrupted_verification_leaves_nothing(string level)
    {
        (await CommandScene.RunAsync(_scene.BackupArguments)).ShouldExit(0);
        var scratch = Directory.CreateDirectory(_scene.Elsewhere("scratch")).FullName;
        await using var verify = SidecarProcess.Start(
            SidecarBinary.Current, ["verify", "--repository", _scene.Repository, "--level", level, "--json"], new Dictionary<string, string?> { ["TMPDIR"] = scratch });
        await verify.WaitForOutputLineAsync(line => line.Contains("progress", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var asked = TimeProvider.System.GetTimestamp();
        verify.Interrupt();

        (await verify.WaitForExitAsync(TestContext.Current.CancellationToken)).ShouldExit(130);
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.Zero, EndMax);
        Assert.Empty(Directory.GetFileSystemEntries(scratch));
    }
}
