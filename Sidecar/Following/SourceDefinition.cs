using BackupSidecar.Pack;

namespace BackupSidecar.Following;

/// <summary>One database to follow, as the configuration and the discovery of files made it.</summary>
internal sealed record SourceDefinition
{
    /// <summary>The name of the source in the repository; one definition has it at a time.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute. Nothing need be there yet.</summary>
    public required string Path { get; init; }

    /// <summary>The name was chosen by the user, who so vouches for a database that was moved.</summary>
    public required bool IsNamed { get; init; }

    /// <summary>False: shown as paused, and not followed.</summary>
    public required bool Enabled { get; init; }

    /// <summary>An operator has paused it since then; null: nobody has.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Neither the configuration nor an operator says otherwise.</summary>
    public bool IsFollowed => Enabled && PausedAt is null;

    public required CaptureMode Mode { get; init; }

    /// <summary>Mode assist: of the SQLite that the app uses, as the user says; it is without the fault that <see cref="BackupSidecar.Source.SqliteVersion"/> names. Else null.</summary>
    public required uint? AppSqliteVersion { get; init; }

    /// <summary>Mode assist: a log with more in it is to be started anew.</summary>
    public required long WalLimitBytes { get; init; }

    /// <summary>Commits that come within this time after a capture go into the next one together; zero captures each at once.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The same for a database with a rollback journal, where each capture reads all of it.</summary>
    public required TimeSpan RollbackJournalInterval { get; init; }

    /// <summary>How often the local page hashes are compared with the live database.</summary>
    public required TimeSpan Scrub { get; init; }

    public required CompressionLevel Compression { get; init; }

    /// <summary>An app may start without a database when there is no backup to fill it from.</summary>
    public required bool StartEmpty { get; init; }

    /// <summary>How often the newest position is kept as a backup; zero: never by itself.</summary>
    public TimeSpan BackupEvery { get; init; }

    /// <summary>How often the newest position is restored to prove that it can be; zero: never by itself.</summary>
    public TimeSpan DrillEvery { get; init; }

    /// <summary>True if a running follower of this source can go over to <paramref name="next"/> by <see cref="IFollowedSource.Apply"/>.</summary>
    public bool CanBecome(SourceDefinition next) => this with { Interval = next.Interval, RollbackJournalInterval = next.RollbackJournalInterval, Scrub = next.Scrub, StartEmpty = next.StartEmpty, BackupEvery = next.BackupEvery, DrillEvery = next.DrillEvery } == next;
}
