namespace BackupSidecar.Capture;

/// <summary>How the application's SQLite makes its commits durable. Part of the format of the page-hash table: the numbers are stored.</summary>
internal enum JournalMode
{
    /// <summary>Nothing is known, or the database has no page yet that says it.</summary>
    Unknown = 0,

    /// <summary>Any of the rollback-journal modes.</summary>
    Rollback = 1,

    /// <summary>Write-ahead log.</summary>
    Wal = 2,
}
