using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>install</c>.</summary>
/// <param name="Directory">Where the program is now.</param>
/// <param name="Files">Their names, the program last.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record InstallSummary(string Directory, IReadOnlyList<string> Files, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "install";
}
