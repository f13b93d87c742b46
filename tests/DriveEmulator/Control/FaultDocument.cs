using BackupSidecar.DriveEmulator.Faults;

namespace BackupSidecar.DriveEmulator.Control;

/// <summary>A fault script as it is sent, or given as a file.</summary>
internal sealed record FaultDocument
{
    public int Seed { get; init; }

    public required IReadOnlyList<FaultRule> Rules { get; init; }
}
