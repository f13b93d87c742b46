using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>How far a command is. <paramref name="TotalBytes"/> is 0 while it is unknown.</summary>
internal sealed record ProgressLine(string Step, long DoneBytes, long TotalBytes, long ElapsedMs)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "progress";
}
