using BackupSidecar.Ledger;

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

    /// <summary>Commits that are known of and not stored yet; null if they cannot be counted.</summary>
    public long? LagCommits { get; init; }

    /// <summary>When the oldest commit that is not stored was seen, within milliseconds of its being made; null if everything that is known of is stored.</summary>
    public DateTimeOffset? BehindSince { get; init; }

    /// <summary>How long ago that was; zero if everything that is known of is stored. See <see cref="WithLagAt"/>.</summary>
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

    /// <summary>The longest time since following began for which a full or a comparison of all pages held the database at once: as long can a checkpoint of the app that starts its log anew, or with a rollback journal a commit, have waited for it.</summary>
    public double? LongestReadMilliseconds { get; init; }

    /// <summary>Null in the mode observe, and until there was something to do.</summary>
    public AssistStatus? Assist { get; init; }

    /// <summary>When the local page hashes were last found to be those of the live database, all of them; null: not yet in this run.</summary>
    public DateTimeOffset? ScrubbedAt { get; init; }

    /// <summary>Pages since the start that were not what had been captured, without a commit that explains it. See <see cref="Trouble"/>.</summary>
    public long ScrubDifferences { get; init; }

    public DateTimeOffset? NextCompactionAt { get; init; }

    /// <summary>Null: it has not been counted yet.</summary>
    public StoredAmount? Stored { get; init; }

    public SourceRuns Runs { get; init; } = SourceRuns.None;

    /// <summary>Null: there is none.</summary>
    public RestoreUnderWay? Restore { get; init; }

    /// <summary>The repositories beside the local one, in the order of the configuration.</summary>
    public IReadOnlyList<RemoteStatus> Remotes { get; init; } = [];

    /// <summary>Soonest first.</summary>
    public IReadOnlyList<NextRun> NextRuns { get; init; } = [];

    public SourceTrouble? Trouble { get; init; }

    /// <summary>What all of this means. Set when the status is asked for.</summary>
    public Protection? Protection { get; init; }

    /// <summary>With what an earlier run of the same source knew, as long as this one has not found out itself; counts are added up.</summary>
    public SourceStatus After(SourceStatus? earlier)
    {
        if (earlier is null)
        {
            return this;
        }

        var hasCaughtUp = LastCaptureAt is not null || LagCommits == 0;
        return this with
        {
            Position = Position ?? earlier.Position,
            Timeline = Position is null ? earlier.Timeline : Timeline,
            LastCaptureAt = LastCaptureAt ?? earlier.LastCaptureAt,
            LagCommits = hasCaughtUp ? LagCommits : LagCommits ?? earlier.LagCommits,
            BehindSince = hasCaughtUp ? BehindSince : earlier.BehindSince ?? BehindSince,
            JournalMode = JournalMode ?? earlier.JournalMode,
            AppSqliteVersion = AppSqliteVersion ?? earlier.AppSqliteVersion,
            Captures = Captures.Plus(earlier.Captures),
            Refusals = [.. Refusals.Concat(earlier.Refusals).Take(StatusBoard.RefusalsMax)],
            MissedResets = MissedResets + earlier.MissedResets,
            Assist = Assist ?? earlier.Assist,
            ScrubbedAt = ScrubbedAt ?? earlier.ScrubbedAt,
            ScrubDifferences = ScrubDifferences + earlier.ScrubDifferences,
        };
    }

    /// <param name="now">When the status is asked for.</param>
    /// <param name="isLooking">False while nobody looks at the database: then nothing new can be seen.</param>
    public SourceStatus WithLagAt(DateTimeOffset now, bool isLooking)
    {
        if (BehindSince is { } since)
        {
            return this with { LagSeconds = Math.Max(0, (now - since).TotalSeconds) };
        }

        return isLooking && LagCommits == 0 ? this with { LagSeconds = 0 } : this with { LagCommits = null, LagSeconds = null };
    }
}
