using BackupSidecar.Policies;
using BackupSidecar.Repository;

namespace BackupSidecar.Compaction;

/// <summary>How one source is compacted.</summary>
internal sealed record CompactionOptions
{
    public CompactionPolicyOptions Policy { get; init; } = new();

    /// <summary>Blocks of a merged pack that are compressed at the same time; each needs about 1 MB.</summary>
    public int Encoders { get; init; } = 1;

    /// <summary>Bytes a second that merges read and write together, on average; null: as fast as it goes.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>
    /// Memory for the decoded blocks of all inputs of one merge; one block is always kept. Of inputs that hold one page each it takes thousands, of large ones a block
    /// each for as many as a level usually merges. A block that had to make room is read again if more of its pages are wanted.
    /// </summary>
    public long DecodedBytesMax { get; init; } = 16 << 20;

    /// <summary>How long packs stay readable after they were found to be of no use: a restore that began before is to finish.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Tombstones are not set more often than this, so that there are few of them; with very many packs to remove they are.</summary>
    public TimeSpan TombstoneEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Given the name of a pack that is to be merged, finds packs in another repository that lead from and to the same positions, oldest first; null: there are none, or they are not worth it.
    /// So a repository far away need not be read to be compacted. Where this is null, or they turn out to be damaged, its own packs are read.
    /// </summary>
    public Func<PackName, CancellationToken, ValueTask<MergePacks?>>? FindNearer { get; init; }

    /// <summary>Asked before a merge with the bytes that its packs have together: false, it is put off until the next run, and that is a doubt. Null: there is always room.</summary>
    public Func<long, bool>? HasRoomFor { get; init; }

    /// <summary>Makes an empty temporary file for the index of a pack that is being written, if it outgrows memory; it is disposed after use.</summary>
    public required Func<Stream> CreateSpool { get; init; }
}
