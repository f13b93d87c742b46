using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>repository copy</c>.</summary>
internal sealed record RepositoryCopySummary(string From, string To, IReadOnlyList<CopiedSource> Sources, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "repository copy";
}
