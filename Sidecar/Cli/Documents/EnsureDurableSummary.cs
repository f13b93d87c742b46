using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>ensure-durable</c>.</summary>
/// <param name="Position">The number of a position that contains what was asked for.</param>
/// <param name="Timeline">Of that position.</param>
/// <param name="DurationMs">From the call to its answer.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record EnsureDurableSummary(ulong Position, string Timeline, double DurationMs, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "ensure-durable";
}
