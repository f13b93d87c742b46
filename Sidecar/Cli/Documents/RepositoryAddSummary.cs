using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>repository add</c>.</summary>
internal sealed record RepositoryAddSummary(string Repository, string RepositoryId, bool Created, IReadOnlyList<string> Sources, System.Text.Json.Nodes.JsonNode Configuration, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "repository add";
}
