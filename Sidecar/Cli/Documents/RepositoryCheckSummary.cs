using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>repository check</c>.</summary>
internal sealed record RepositoryCheckSummary(string Name, string Repository, IReadOnlyList<CheckedSource> Sources, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "repository check";
}
