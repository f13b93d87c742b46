using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>restores stage</c>, <c>show</c>, <c>watch</c>, <c>cancel</c> and <c>undo</c>.</summary>
internal sealed record RestoresSummary(AppRestore Restore, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "restores";
}
