using Microsoft.Extensions.Logging;

namespace BackupSidecar.Lifecycle;

/// <summary>What the lifecycle says.</summary>
internal static partial class LifecycleLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}': restore {Restore} of position {Position} is {State}{Reason}")]
    public static partial void Changed(ILogger log, string source, string restore, string position, string state, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}': instance {Instance} (version '{Version}') was given the database: {Preparation}")]
    public static partial void Prepared(ILogger log, string source, string instance, string version, string preparation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "source '{Source}': {Warning}")]
    public static partial void Warning(ILogger log, string source, string warning);

    [LoggerMessage(Level = LogLevel.Error, Message = "source '{Source}': its restores are unknown: {Problem} {Hint}")]
    public static partial void Unreadable(ILogger log, string source, string problem, string hint);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}': the kept database {Path} of restore {Restore} is removed, as its time is over")]
    public static partial void SafetyCopyRemoved(ILogger log, string source, string path, string restore);
}
