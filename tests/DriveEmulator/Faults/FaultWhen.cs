namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>On which side of its effect a call meets a fault.</summary>
public enum FaultWhen
{
    /// <summary>The call has no effect.</summary>
    Before,

    /// <summary>The call has its effect, and the caller does not learn of it.</summary>
    After,
}
