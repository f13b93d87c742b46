using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>repository list</c>.</summary>
internal sealed record RepositoryListSummary(IReadOnlyList<ListedRepository> Repositories, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "repository list";
}
