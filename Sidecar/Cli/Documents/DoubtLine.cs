using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>Something wrong with what was stored earlier.</summary>
internal sealed record DoubtLine(string Message, string Hint)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "doubt";
}
