using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackupSidecar.Client;

/// <summary>Healthy while the stream to the sidecar is open; otherwise what the options say, Degraded by default.</summary>
internal sealed class SidecarHealthCheck(BackupSidecarClient client) : IHealthCheck
{
    public const string Name = "backup_sidecar";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Look(context.Registration.FailureStatus));

    private HealthCheckResult Look(HealthStatus failure) => client.Watch.Now switch
    {
        _ when client.Prepared is { Preparation: DatabasePreparation.Skipped } => HealthCheckResult.Healthy("A design-time tool runs the program."),
        { Restart: { } restart } => HealthCheckResult.Healthy($"The sidecar wants a restart: {restart.Message}"),
        { IsConnected: true } => HealthCheckResult.Healthy("The sidecar is connected."),
        { Problem: { Length: > 0 } problem } => new HealthCheckResult(failure, problem),
        _ => new HealthCheckResult(failure, "The sidecar is not connected yet."),
    };
}
