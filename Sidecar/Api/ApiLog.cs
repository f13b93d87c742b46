using Microsoft.Extensions.Logging;

namespace BackupSidecar.Api;

/// <summary>What the services say.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "the call {Method} failed: {Problem}")]
    public static partial void Failed(ILogger log, Exception exception, string method, string problem);
}
