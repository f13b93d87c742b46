using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>whoami</c>.</summary>
/// <param name="Role">"app" or "operator".</param>
/// <param name="Methods">What the role may call.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record WhoAmISummary(string Role, IReadOnlyList<string> Methods, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "whoami";
}
