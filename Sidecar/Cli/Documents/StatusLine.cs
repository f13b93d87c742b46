using System.Text.Json.Serialization;
using BackupSidecar.Api;

namespace BackupSidecar.Cli.Documents;

/// <summary>A state that <c>status --watch</c> was told of.</summary>
internal sealed record StatusLine(ServeStatus Serve)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "status";
}
