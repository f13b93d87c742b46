namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>Which body a fault is about.</summary>
public enum FaultSide
{
    /// <summary>What the emulator sends.</summary>
    Answer,

    /// <summary>What the client sends.</summary>
    Request,
}
