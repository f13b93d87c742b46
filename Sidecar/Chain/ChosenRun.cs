using BackupSidecar.Primitives;

namespace BackupSidecar.Chain;

/// <summary>Consecutive pages that stand one after the other in a block.</summary>
/// <param name="Pages">Which pages.</param>
/// <param name="Index">The place of the first of them among the pages of the block.</param>
internal readonly record struct ChosenRun(PageRun Pages, int Index);
