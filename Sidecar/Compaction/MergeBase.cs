using BackupSidecar.Repository;

namespace BackupSidecar.Compaction;

/// <summary>A position that a pack is to start from although the inputs do not lead on from it: what differs is found by page hashes.</summary>
/// <param name="Repository">Where it can be rebuilt. Of its packs only the indexes are read.</param>
/// <param name="Packs">Its chain, oldest first.</param>
internal sealed record MergeBase(IRepositoryReader Repository, IReadOnlyList<PackEntry> Packs);
