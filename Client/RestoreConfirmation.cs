using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Client;

/// <summary>Confirms a restore when the app works on it.</summary>
internal sealed class RestoreConfirmation(IBackupSidecar sidecar, PreparedDatabase prepared, HealthCheckService checks, BackupSidecarOptions options, ILogger log, TimeProvider time, Random random)
{
    /// <summary>Returns when the health checks of the app have passed and the sidecar knows it.</summary>
    /// <returns>False: it is too late, and the database from before comes back at the next start.</returns>
    public async Task<bool> ConfirmAsync(CancellationToken ct)
    {
        ClientLog.Unconfirmed(log, prepared.RestoreId, prepared.ConfirmBy!.Value);
        await AwaitHealthyAsync(ct).ConfigureAwait(false);
        var backoff = new Backoff(random);
        while (true)
        {
            try
            {
                await sidecar.ConfirmHealthyAsync(ct).ConfigureAwait(false);
                ClientLog.Confirmed(log, prepared.RestoreId);
                return true;
            }
            catch (BackupSidecarException e) when (e.Reason is "CONFIRMATION_TOO_LATE")
            {
                ClientLog.NotConfirmed(log, prepared.RestoreId, e.Message);
                return false;
            }
            catch (BackupSidecarException e) when (e.Reason is "NO_SUCH_GRANT")
            {
                // It has been taken back by hand, or the state of the sidecar was lost: there is nothing to confirm any more.
                ClientLog.NotConfirmed(log, prepared.RestoreId, e.Message);
                return true;
            }
            catch (BackupSidecarException e)
            {
                ClientLog.NotConfirmedYet(log, prepared.RestoreId, e.Message);
            }

            await Task.Delay(backoff.Next(), time, ct).ConfigureAwait(false);
        }
    }

    private async Task AwaitHealthyAsync(CancellationToken ct)
    {
        var told = "";
        while (await FailingChecksAsync(ct).ConfigureAwait(false) is { } failing)
        {
            if (failing != told)
            {
                told = failing;
                ClientLog.Unhealthy(log, prepared.RestoreId, failing);
            }

            await Task.Delay(options.HealthCheckInterval, time, ct).ConfigureAwait(false);
        }
    }

    /// <returns>Null: all pass; one that is degraded does.</returns>
    private async Task<string?> FailingChecksAsync(CancellationToken ct)
    {
        using var late = new CancellationTokenSource(options.HealthCheckTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            var report = await checks.CheckHealthAsync(registration => registration.Name != SidecarHealthCheck.Name, either.Token).ConfigureAwait(false);
            return report.Status != HealthStatus.Unhealthy
                ? null
                : string.Join(", ", report.Entries.Where(entry => entry.Value.Status == HealthStatus.Unhealthy).Select(entry => entry.Value.Description is { Length: > 0 } why ? $"{entry.Key} ({why})" : entry.Key));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"they took longer than HealthCheckTimeout, {options.HealthCheckTimeout:c}";
        }
    }
}
