namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>What stands in the place of the new database before a swap.</summary>
public enum OldDatabase
{
    /// <summary>WAL mode, closed.</summary>
    Wal,

    /// <summary>WAL mode, its application killed with commits in the log.</summary>
    WalWithLog,

    /// <summary>Rollback-journal mode, closed.</summary>
    Rollback,

    /// <summary>Rollback-journal mode, its application killed in the middle of a transaction.</summary>
    RollbackWithHotJournal,

    /// <summary>Rollback-journal mode with a journal that is kept between transactions.</summary>
    RollbackWithColdJournal,

    /// <summary>No database in the file, but a log beside it.</summary>
    Damaged,

    /// <summary>A file of no bytes.</summary>
    ZeroByte,

    /// <summary>A file of no bytes beside a log that SQLite would throw away.</summary>
    ZeroByteWithLog,

    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A log whose database is gone.</summary>
    MissingWithLog,
}
