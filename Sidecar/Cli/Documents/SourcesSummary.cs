using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>sources pause</c> and <c>sources resume</c>.</summary>
/// <param name="Source">As it was named; null: the only one.</param>
/// <param name="PausedAt">Null: it is followed.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record SourcesSummary(string? Source, DateTimeOffset? PausedAt, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "sources";
}
