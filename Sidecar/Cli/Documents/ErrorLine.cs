using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of a command that failed.</summary>
internal sealed record ErrorLine(string Message, string Hint, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "error";
}
