using Microsoft.Extensions.Logging;

namespace BackupSidecar.AspireHosting;

internal static partial class HostingLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "'{App}' ended with {ExitCode}: a restore waits for its start. It is started again.")]
    public static partial void Restarting(ILogger log, string app, int exitCode);

    [LoggerMessage(Level = LogLevel.Error, Message = "'{App}' could not be started again: {Reason}. Start it in the dashboard.")]
    public static partial void NotRestarted(ILogger log, string app, string reason);
}
