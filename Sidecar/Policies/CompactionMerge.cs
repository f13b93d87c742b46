namespace BackupSidecar.Policies;

/// <summary>Packs to be merged into one.</summary>
/// <param name="Inputs">Their places, oldest first; each starts where the one before ends. At least two.</param>
/// <param name="IsFull">The first of them is a full, and so will be the result.</param>
internal sealed record CompactionMerge(IReadOnlyList<int> Inputs, bool IsFull);
