using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Client;

/// <summary>From the start of the app to its end: confirms a restore, and stops the app when the sidecar wants it to start again.</summary>
internal sealed class SidecarHostedService(
    BackupSidecarClient client, HealthCheckService checks, IHostApplicationLifetime lifetime, BackupSidecarOptions options, ILogger log, TimeProvider time, Random random) : BackgroundService, IHostedLifecycleService
{
    /// <summary>Before anything else of the app starts.</summary>
    /// <exception cref="InvalidOperationException">The app forgot to ask for its database.</exception>
    public Task StartingAsync(CancellationToken cancellationToken) =>
        client.Prepared is not null || DesignTime.IsNow
            ? Task.CompletedTask
            : throw new InvalidOperationException(
                "PrepareDatabaseAsync was not called, so that a restore may be waiting under the database that this app opens. Call 'await app.PrepareDatabaseAsync();' right after Build(), before migrations and before Run().");

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (client.Prepared is not { Preparation: not DatabasePreparation.Skipped } prepared)
        {
            return;
        }

        await StartedAsync(lifetime.ApplicationStarted, stoppingToken).ConfigureAwait(false);
        var work = Task.WhenAll(ConfirmAsync(prepared, stoppingToken), AwaitRestartAsync(stoppingToken));

        // The stream goes on for longer than this: it ends here only by a mistake, which then stops the host.
        await (await Task.WhenAny(work, client.Watching).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>A host that is stopped before it has started throws; so nothing is asked of it before.</summary>
    private static async Task StartedAsync(CancellationToken started, CancellationToken ct)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = started.Register(source.SetResult);
        await source.Task.WaitAsync(ct).ConfigureAwait(false);
    }

    private async Task ConfirmAsync(PreparedDatabase prepared, CancellationToken ct)
    {
        if (prepared.ConfirmBy is not null && options.ConfirmWhenHealthy && !await new RestoreConfirmation(client, prepared, checks, options, log, time, random).ConfirmAsync(ct).ConfigureAwait(false))
        {
            Restart();
        }
    }

    private async Task AwaitRestartAsync(CancellationToken ct)
    {
        while (true)
        {
            var wanted = (await client.Watch.FirstAsync(view => view.Restart is not null, ct).ConfigureAwait(false)).Restart!;
            var pause = wanted.RestoreId == client.RestartForAtStart ? options.RestartPause * (1 + random.NextDouble()) : TimeSpan.Zero;
            ClientLog.RestartWanted(log, wanted.Deadline?.ToDateTimeOffset(), pause > TimeSpan.Zero ? $"in {pause.TotalSeconds:0.#} s, since other instances run" : "now", wanted.Message);
            await Task.Delay(pause, time, ct).ConfigureAwait(false);
            if (pause == TimeSpan.Zero || client.Watch.Now.Restart is not null)
            {
                Restart();
                return;
            }

            ClientLog.RestartNotWanted(log);
        }
    }

    private void Restart()
    {
        ClientLog.Stopping(log, options.RestartExitCode);
        Environment.ExitCode = options.RestartExitCode;
        lifetime.StopApplication();
    }
}
