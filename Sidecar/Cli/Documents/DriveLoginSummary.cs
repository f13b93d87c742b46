using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>drive login</c>.</summary>
/// <param name="Credential">The file that was written.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record DriveLoginSummary(string Credential, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "drive login";
}
