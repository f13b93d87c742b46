namespace BackupSidecar.Verify;

/// <summary>What a finding says of the backups.</summary>
internal enum VerifyFindingKind
{
    Unspecified = 0,

    /// <summary>Worth knowing; every backup can be restored.</summary>
    Note,

    /// <summary>It could not be read or tried, as without permission or room: nothing is said of what is stored, and nothing is proved.</summary>
    NotChecked,

    /// <summary>Something stored is missing or not what it should be.</summary>
    Damage,
}
