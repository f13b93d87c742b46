using Microsoft.Extensions.Logging;

namespace BackupSidecar.Client;

internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Information, "The database is prepared: {Preparation} {RestoreId}")]
    public static partial void Prepared(ILogger log, DatabasePreparation preparation, string restoreId);

    [LoggerMessage(2, LogLevel.Warning, "{Warning}")]
    public static partial void Warning(ILogger log, string warning);

    [LoggerMessage(3, LogLevel.Warning, "Waiting for the sidecar before the database is opened: {Problem}")]
    public static partial void Waiting(ILogger log, string problem);

    [LoggerMessage(4, LogLevel.Warning, "The database is opened without a sidecar, which has not been reached for {Seconds} s; what is committed now is not backed up until it runs: {Problem}")]
    public static partial void WithoutSidecar(ILogger log, double seconds, string problem);

    [LoggerMessage(5, LogLevel.Information, "Connected to the sidecar as instance {Instance}")]
    public static partial void Connected(ILogger log, string instance);

    [LoggerMessage(6, LogLevel.Warning, "The sidecar is not reached; trying again: {Problem}")]
    public static partial void Lost(ILogger log, string problem);

    [LoggerMessage(7, LogLevel.Information, "Restore {RestoreId} is in place and must be confirmed until {ConfirmBy:u}: waiting for the health checks of the app")]
    public static partial void Unconfirmed(ILogger log, string restoreId, DateTimeOffset confirmBy);

    [LoggerMessage(8, LogLevel.Warning, "Restore {RestoreId} is not confirmed yet, because health checks fail: {Checks}")]
    public static partial void Unhealthy(ILogger log, string restoreId, string checks);

    [LoggerMessage(9, LogLevel.Information, "Restore {RestoreId} is confirmed")]
    public static partial void Confirmed(ILogger log, string restoreId);

    [LoggerMessage(10, LogLevel.Warning, "Restore {RestoreId} could not be confirmed yet; trying again: {Problem}")]
    public static partial void NotConfirmedYet(ILogger log, string restoreId, string problem);

    [LoggerMessage(11, LogLevel.Error, "Restore {RestoreId} cannot be confirmed: {Problem}")]
    public static partial void NotConfirmed(ILogger log, string restoreId, string problem);

    [LoggerMessage(12, LogLevel.Warning, "The sidecar wants a restart until {Deadline:u}; the app ends {When}: {Reason}")]
    public static partial void RestartWanted(ILogger log, DateTimeOffset? deadline, string when, string reason);

    [LoggerMessage(13, LogLevel.Information, "The sidecar does not want a restart any more")]
    public static partial void RestartNotWanted(ILogger log);

    [LoggerMessage(14, LogLevel.Warning, "Stopping with exit code {ExitCode}, to be started again")]
    public static partial void Stopping(ILogger log, int exitCode);
}
