using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>backups</c>.</summary>
/// <param name="Source">The name of the source.</param>
/// <param name="Backup">As it is now.</param>
/// <param name="ExpiresAt">When a deleted one goes; null: it is not deleted.</param>
/// <param name="Problem">Why it may not be restorable; null: nothing speaks against it.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record BackupDetailSummary(string Source, ListedBackup Backup, DateTimeOffset? ExpiresAt, string? Problem, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "backups";
}
