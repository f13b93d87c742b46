using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>repository repair-source</c>.</summary>
/// <param name="Repository">Where it is.</param>
/// <param name="Source">Its name from now on.</param>
/// <param name="SourceId">Under which its packs are.</param>
/// <param name="Position">The newest one that can be restored; null: none.</param>
/// <param name="Timeline">Of that position.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record RepositoryRepairSourceSummary(string Repository, string Source, string SourceId, ulong? Position, string? Timeline, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "repository repair-source";
}
