namespace BackupSidecar.Following;

/// <summary>Captures since the start, by the way that was proved.</summary>
internal sealed record CaptureCounts
{
    public long Wal { get; init; }

    /// <summary>Page numbers from the tail of the log before, contents through a read transaction.</summary>
    public long OldTail { get; init; }

    public long PageHashes { get; init; }

    public long Full { get; init; }
}
