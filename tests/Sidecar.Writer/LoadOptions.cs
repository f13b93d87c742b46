namespace BackupSidecar.Writer;

/// <summary>What a background load does; see <see cref="Load"/>.</summary>
internal sealed record LoadOptions
{
    public required string Path { get; init; }

    /// <summary>Each writer draws from its own generator, seeded with this and its number.</summary>
    public required int Seed { get; init; }

    /// <summary>Writing connections, each with its own thread.</summary>
    public required int Writers { get; init; }

    /// <summary>Run on every connection of the load when it was opened.</summary>
    public required string Pragmas { get; init; }

    /// <summary>Of each writer; zero: as fast as it can.</summary>
    public required int CommitsPerSecond { get; init; }

    /// <summary>PASSIVE, FULL, RESTART or TRUNCATE, run in a loop on connections of their own; empty: no such loop.</summary>
    public required string Checkpoint { get; init; }

    public required int Checkpointers { get; init; }

    /// <summary>Between two checkpoints of one connection.</summary>
    public required int PauseMilliseconds { get; init; }

    /// <summary>Rows past this number are deleted in bulk, so that the database shrinks and grows and never outgrows a test.</summary>
    public required int ItemsMax { get; init; }

    /// <summary>Whether some commits are a VACUUM.</summary>
    public required bool Vacuum { get; init; }

    /// <summary>Whether each commit has a connection of its own, so that the application comes and goes all the time.</summary>
    public required bool Reopen { get; init; }

    /// <summary>Whether the journal mode turns to WAL and back now and then.</summary>
    public required bool TurnJournalMode { get; init; }
}
