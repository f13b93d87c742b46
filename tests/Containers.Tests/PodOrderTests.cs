using Xunit;

namespace BackupSidecar.Containers;

/// <summary>
/// A SIMULATION of what only a cluster can show: the order in which Kubernetes starts and stops the containers of a pod with a native sidecar. Containers are started in that order here, one when the
/// startup probe of the one before has passed, and stopped in the reverse one; that a kubelet does so is Kubernetes' promise and not proved here.
/// </summary>
public sealed class PodOrderTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Simulated_pod_with_a_native_sidecar_restores_first_and_captures_last()
    {
        await using var scene = await Scene.CreateAsync();
        var rows = 0L;
        for (var pod = 0; pod < 3; pod++)
        {
            // Init container, then the native sidecar, then the app.
            (await scene.RunAsync(scene.Sidecar("restore", "--repository", "/backups", "--output", Scene.Database, "--if-missing", "--start-empty"))).ShouldEnd(0);
            var sidecar = await scene.StartAsync(scene.Serve());
            var app = await scene.StartAsync(scene.Writer());
            await Scene.UntilCommittedAsync(app, rows + 50);

            // The app is stopped first; then the sidecar, which makes its final capture.
            await app.StopAsync(Ct);
            await Docker.RunAsync(["stop", "--time", "30", sidecar.Id], Ct);
            Assert.Equal(0, await sidecar.GetExitCodeAsync(Ct));

            var (written, _) = await scene.CheckAsync();
            Assert.True(written > rows, $"pod {pod} began with {rows} rows and ended with {written}");
            rows = written;
            (await scene.RunAsync(scene.Tools("1654:1654", "sh", "-c", "rm -r /data/app.db*"))).ShouldEnd(0);
            (await scene.RunAsync(scene.Tools("1654:1654", "sh", "-c", "rm -rf /state/backup-sidecar"))).ShouldEnd(0);
        }

        (await scene.RunAsync(scene.Sidecar("restore", "--repository", "/backups", "--output", Scene.Database, "--if-missing"))).ShouldEnd(0);
        Assert.Equal((rows, rows), await scene.CheckAsync());
    }
}
