namespace BackupSidecar.DriveEmulator.Control;

/// <summary>How the emulator's clock is to move: one of the two.</summary>
internal sealed record ClockDocument
{
    public double? AdvanceSeconds { get; init; }

    public DateTimeOffset? Set { get; init; }
}
