namespace BackupSidecar.Store.GoogleDrive.Doctor;

/// <summary>What a finding means for backups to Drive.</summary>
internal enum DriveVerdict
{
    Unspecified = 0,

    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, and somebody should know.</summary>
    Warning,

    /// <summary>Nothing can be stored.</summary>
    Wrong,
}
