using BackupSidecar.Repository;

namespace BackupSidecar.Compaction;

/// <summary>Packs that a merge reads.</summary>
/// <param name="Repository">Where they lie.</param>
/// <param name="Packs">Oldest first.</param>
internal sealed record MergePacks(IRepositoryReader Repository, IReadOnlyList<PackEntry> Packs);
