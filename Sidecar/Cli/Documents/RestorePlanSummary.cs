using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>restores plan</c>. What would be left behind is null where the point is the newest one of its repository; a warning line says if another repository knows a newer one.</summary>
internal sealed record RestorePlanSummary(
    string Source,
    string Path,
    ulong Position,
    string Timeline,
    DateTimeOffset? Time,
    string? BackupId,
    int Packs,
    long PackBytes,
    long DatabaseBytes,
    string Fingerprint,
    ulong? NewestPosition,
    string? NewestTimeline,
    long NewerPoints,
    double? NewerSeconds,
    int Warnings,
    int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "restores";
}
