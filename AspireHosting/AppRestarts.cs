using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.AspireHosting;

/// <summary>Starts apps again that ended with the exit code for it: what a restart policy does elsewhere. The orchestrator of an app host has none.</summary>
/// <param name="notifications">Tells how resources end.</param>
/// <param name="commands">Starts them.</param>
/// <param name="loggers">To tell it in the log of the app.</param>
internal sealed class AppRestarts(ResourceNotificationService notifications, ResourceCommandService commands, ResourceLoggerService loggers) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // An end is told several times; each one is answered once, known by the moment it came.
        Dictionary<string, DateTime?> answered = new(StringComparer.Ordinal);
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            var snapshot = change.Snapshot;
            if (change.Resource.Annotations.OfType<RestartOnRestore>().Any()
                && snapshot.ExitCode == SidecarNames.RestartExitCode
                && KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text)
                && (!answered.TryGetValue(change.ResourceId, out var stop) || stop != snapshot.StopTimeStamp))
            {
                answered[change.ResourceId] = snapshot.StopTimeStamp;
                await StartAsync(change.Resource, change.ResourceId, stoppingToken);
            }
        }
    }

    private async Task StartAsync(IResource app, string id, CancellationToken ct)
    {
        var log = loggers.GetLogger(id);
        HostingLog.Restarting(log, app.Name, SidecarNames.RestartExitCode);
        var result = await commands.ExecuteCommandAsync(id, KnownResourceCommands.StartCommand, ct);
        if (!result.Success && !result.Canceled)
        {
            HostingLog.NotRestarted(log, app.Name, result.Message ?? "no reason was given");
        }
    }
}
