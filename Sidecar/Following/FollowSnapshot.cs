using BackupSidecar.Primitives;

namespace BackupSidecar.Following;

/// <summary>How following stands at one moment.</summary>
internal sealed record FollowSnapshot
{
    public FollowState State { get; init; }

    /// <summary>Why it is in this state, for people.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The newest stored position; null: none is known.</summary>
    public Position? Position { get; init; }

    /// <summary>When the newest stored changeset was captured.</summary>
    public DateTimeOffset? CapturedAt { get; init; }

    /// <summary>Captures from the log alone.</summary>
    public long LogCaptures { get; init; }

    /// <summary>Captures across a reset of the log.</summary>
    public long OldTailCaptures { get; init; }

    /// <summary>Captures that compared all page hashes.</summary>
    public long PageHashCaptures { get; init; }

    /// <summary>Why the last capture by page hashes was not made from the log.</summary>
    public string? PageHashReason { get; init; }

    /// <summary>New timelines begun, and why the last one.</summary>
    public long NewTimelines { get; init; }

    public string? NewTimelineReason { get; init; }

    public long PacksStored { get; init; }

    public long PagesStored { get; init; }

    public long BytesStored { get; init; }

    /// <summary>How often the application's log could not be reset because a capture held a read mark, at most; and the longest such hold.</summary>
    public long ReadMarksHeld { get; init; }

    public TimeSpan LongestReadMark { get; init; }
}
