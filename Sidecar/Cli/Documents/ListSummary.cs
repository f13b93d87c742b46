using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>list</c>.</summary>
internal sealed record ListSummary(string Repository, string RepositoryId, IReadOnlyList<ListedSource> Sources, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "list";
}
