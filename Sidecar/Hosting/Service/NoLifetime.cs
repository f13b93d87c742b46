using Microsoft.Extensions.Hosting;

namespace BackupSidecar.Hosting.Service;

/// <summary>A service that neither listens to signals nor says that it has started: it is a part of serve, which does both.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
