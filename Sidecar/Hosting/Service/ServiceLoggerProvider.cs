using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Service;

/// <summary>Warnings and errors of the server's libraries, into the log of serve. What they say of each request is left out.</summary>
internal sealed class ServiceLoggerProvider(ILogger log) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new WarningsOnly(log);

    public void Dispose()
    {
        // The log is serve's.
    }

    private sealed class WarningsOnly(ILogger log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && log.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
