using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>config show</c>.</summary>
/// <param name="Path">The file that the configuration was read from; null: none.</param>
/// <param name="Configuration">With the keys of the file.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record ConfigurationSummary(string? Path, JsonNode? Configuration, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "config";
}
