using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackupSidecar.ClientApp;

/// <summary>Prints what the client's own health check says, when it changes.</summary>
internal sealed class PrintedHealth : IHealthCheckPublisher
{
    private HealthStatus? _printed;

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        var status = report.Entries["backup_sidecar"].Status;
        if (status != _printed)
        {
            _printed = status;
            Console.WriteLine($"health {status}");
        }

        return Task.CompletedTask;
    }
}
