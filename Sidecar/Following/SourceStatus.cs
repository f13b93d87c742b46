namespace BackupSidecar.Following;

/// <summary>One source at one moment, for <c>status</c>. What is not known is null.</summary>
internal sealed record SourceStatus
{
    public required string Name { get; init; }

    public required string Path { get; init; }

    public required SourceState State { get; init; }

    /// <summary>Why it is in this state; a part of a sentence, such as "no app has the database open".</summary>
    public string? Reason { get; init; }

    /// <summary>The number of the newest captured position.</summary>
    public ulong? Position { get; init; }

    public string? Timeline { get; init; }

    public DateTimeOffset? LastCaptureAt { get; init; }

    /// <summary>Commits that are known of and not captured yet.</summary>
    public long? LagCommits { get; init; }

    /// <summary>How long the oldest of them has waited; zero if there is none.</summary>
    public double? LagSeconds { get; init; }

    /// <summary>"wal" or "rollback journal".</summary>
    public string? JournalMode { get; init; }

    public long? DatabaseBytes { get; init; }

    public CaptureCounts Captures { get; init; } = new();

    /// <summary>The last cheaper ways that could not be proved, newest first; a bounded number.</summary>
    public IReadOnlyList<RefusedCapture> Refusals { get; init; } = [];

    public long? WalBytes { get; init; }

    /// <summary>Read marks that keep the app's checkpoints from starting the log anew.</summary>
    public IReadOnlyList<WalPin> WalPins { get; init; } = [];

    /// <summary>Of the SQLite that wrote the header last: a hint only.</summary>
    public string? AppSqliteVersion { get; init; }

    /// <summary>Times the app started its log anew before what stood in it was captured, so that a dearer way was taken.</summary>
    public long MissedResets { get; init; }

    /// <summary>The longest read transaction of ours since following began: as long can a checkpoint of the app have waited that starts its log anew.</summary>
    public double? LongestReadMilliseconds { get; init; }

    public DateTimeOffset? NextCompactionAt { get; init; }

    public SourceTrouble? Trouble { get; init; }
}
