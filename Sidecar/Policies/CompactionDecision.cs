namespace BackupSidecar.Policies;

/// <summary>What to do now. When merges are done, ask again: nothing is removed while something is to be merged.</summary>
/// <param name="Merges">Independent of each other.</param>
/// <param name="Removals">Places of packs that no restore point needs.</param>
/// <param name="IsHeldBack">Nothing is removed: a backup or the newest position cannot be rebuilt without what is tombstoned or missing.</param>
/// <param name="Next">When there may be something to do if nothing is captured until then; null: never.</param>
internal sealed record CompactionDecision(
    IReadOnlyList<CompactionMerge> Merges, IReadOnlyList<int> Removals, bool IsHeldBack, DateTimeOffset? Next);
