namespace BackupSidecar.Restore.Swap;

/// <summary>What came of <see cref="OldDatabaseRecovery"/>.</summary>
internal enum OldDatabaseRecoveryOutcome
{
    Unspecified = 0,

    /// <summary>The file alone holds everything that was committed.</summary>
    Recovered,

    /// <summary>Somebody else uses the database.</summary>
    Busy,

    /// <summary>SQLite finds no database there, or a damaged one.</summary>
    Unreadable,
}
