using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>A state that <c>restores stage</c> or <c>watch</c> was told of.</summary>
internal sealed record RestoresLine(AppRestore Restore)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "restore";
}
