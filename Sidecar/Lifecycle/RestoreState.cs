namespace BackupSidecar.Lifecycle;

/// <summary>How far a restore is in which the app takes part. The names are those of the contract and of the journal.</summary>
internal enum RestoreState
{
    Unspecified = 0,

    /// <summary>The database is being assembled and checked beside the one in use.</summary>
    Staging,

    /// <summary>It waits for the app to start again.</summary>
    Staged,

    /// <summary>It is being put in place; after a crash the files say whether it is.</summary>
    Placing,

    /// <summary>It is in place, and no instance of the app has confirmed that it works.</summary>
    Unconfirmed,

    /// <summary>It is in place for good.</summary>
    Confirmed,

    /// <summary>It is in place and waits for the app to start again, to be taken back.</summary>
    RollbackPending,

    /// <summary>It is being taken back; after a crash the files say whether it is.</summary>
    RollingBack,

    /// <summary>The database that was there before is there again.</summary>
    RolledBack,

    /// <summary>It was cancelled before it was in place.</summary>
    Cancelled,

    /// <summary>It could not be staged or put in place; the database is as it was.</summary>
    Failed,
}
