namespace BackupSidecar.Repository;

/// <summary>What became of a backup since it was made.</summary>
internal enum BackupMarkState
{
    Unspecified = 0,

    /// <summary>Retention may take it when its time comes.</summary>
    Kept,

    /// <summary>Retention never takes it.</summary>
    Pinned,

    /// <summary>It goes when its grace is over; until then it can be taken back.</summary>
    Deleted,
}
