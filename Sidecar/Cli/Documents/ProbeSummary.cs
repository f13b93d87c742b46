using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>probe</c>.</summary>
/// <param name="Probe">"startup", "readiness" or "liveness".</param>
/// <param name="Passed">Whether it is so.</param>
/// <param name="Problem">Why it is not; null: it is.</param>
/// <param name="ExitCode">0 or 1.</param>
internal sealed record ProbeSummary(string Probe, bool Passed, string? Problem, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "probe";
}
