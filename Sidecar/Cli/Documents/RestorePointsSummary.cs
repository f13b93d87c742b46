using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>restores points</c>: a page, newest first.</summary>
/// <param name="Points">Each can be restored.</param>
/// <param name="NextPageToken">For <c>--page</c>; null: there is no other page.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record RestorePointsSummary(IReadOnlyList<PointLine> Points, string? NextPageToken, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "restores";
}
