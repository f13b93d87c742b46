using System.Text.Json.Serialization;
using BackupSidecar.Hosting.Doctor;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>drive doctor</c>.</summary>
internal sealed record DriveDoctorSummary(IReadOnlyList<DoctorFinding> Findings, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "drive doctor";
}
