using System.Globalization;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>What the log of an attached database shows at the moment in which somebody asks for the status. From any thread.</summary>
internal sealed class LogSight
{
    private readonly Lock _lock = new();
    private AttachedDatabase? _database;

    public void Attach(AttachedDatabase database)
    {
        lock (_lock)
        {
            _database = database;
        }
    }

    /// <summary>To be called before the database is let go of.</summary>
    public void Detach()
    {
        lock (_lock)
        {
            _database = null;
        }
    }

    public SourceStatus AddTo(SourceStatus status)
    {
        lock (_lock)
        {
            try
            {
                return _database is null ? status : status with
                {
                    WalPins = [.. _database.ReadMarks().Select(held => new WalPin(held.Mark, held.Frame, HolderText(held.ProcessId)))],
                    AppSqliteVersion = VersionText(_database.SqliteVersionNumber()) ?? status.AppSqliteVersion,
                };
            }
            catch (Exception e) when (e is ImageChangedException or OperatorException)
            {
                // The files have just been replaced; who follows them finds out.
                return status;
            }
        }
    }

    public static string? VersionText(uint number) => number == 0 ? null : SqliteVersion.Text(number);

    private static string HolderText(int processId) => processId switch
    {
        0 => "a process outside this container",
        < 0 => "another process",
        _ => string.Create(CultureInfo.InvariantCulture, $"process {processId}{NameOf(processId)}"),
    };

    private static string NameOf(int processId)
    {
        try
        {
            return $" ({File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/comm")).Trim()})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or may not be looked at.
            return "";
        }
    }
}
