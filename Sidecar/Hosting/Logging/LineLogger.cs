using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Logging;

/// <summary>One line an event, on one writer, with the time in UTC.</summary>
/// <remarks>It writes at once and on the caller's thread: there are few lines, and none is lost when the process ends.</remarks>
internal sealed class LineLogger(TextWriter writer, LogOptions options, TimeProvider time) : ILogger
{
    private readonly LogLevel _least = options.Level switch
    {
        LogLevelName.Debug => LogLevel.Debug,
        LogLevelName.Warning => LogLevel.Warning,
        _ => LogLevel.Information,
    };

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= _least && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        // Where an unexpected failure came from is for developers.
        var origin = _least == LogLevel.Debug && exception is not (null or OperatorException) ? $" {exception}" : "";
        var message = (formatter(state, exception) + origin).ReplaceLineEndings(" ");
        var fields = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
        writer.WriteLine(options.Format == LogFormat.Json
            ? LogLine.Json(time.GetUtcNow(), logLevel, eventId.Name, message, fields, exception)
            : LogLine.Text(time.GetUtcNow(), logLevel, message, (exception as OperatorException)?.Hint));
    }
}
