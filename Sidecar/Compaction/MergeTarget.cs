using BackupSidecar.Repository;

namespace BackupSidecar.Compaction;

/// <summary>The pack that a merge makes.</summary>
/// <param name="Repository">The one that it will lie in: its header says so.</param>
/// <param name="Name">It leads to where the newest input leads; it starts where the oldest one starts, or where the base ends.</param>
/// <param name="Content">Receives it. Not disposed.</param>
internal sealed record MergeTarget(RepositoryId Repository, PackName Name, Stream Content)
{
    /// <summary>What is there already where the pack goes; null: only what the name says it starts from. The inputs then start from nothing.</summary>
    public MergeBase? Base { get; init; }
}
