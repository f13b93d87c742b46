using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>Something that makes the work doubtful, but not wrong.</summary>
internal sealed record WarningLine(string Message)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "warning";
}
