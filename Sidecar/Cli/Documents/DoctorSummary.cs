using System.Text.Json.Serialization;
using BackupSidecar.Hosting.Doctor;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>doctor</c>.</summary>
internal sealed record DoctorSummary(IReadOnlyList<DoctorFinding> Findings, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "doctor";
}
