namespace Notes;

internal static partial class NotesLog
{
    [LoggerMessage(LogLevel.Information, "The schema was of version {Former} and is of version {Current}")]
    public static partial void Migrated(ILogger log, int former, int current);
}
