using System.Text.Json.Serialization;
using BackupSidecar.Api;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>status</c>.</summary>
internal sealed record StatusSummary(ServeStatus Serve, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "status";
}
