using BackupSidecar.Repository;

namespace BackupSidecar.Restore;

/// <summary>A plan, and the repository that it is of.</summary>
/// <param name="Plan">What will be read.</param>
/// <param name="Repository">From where.</param>
/// <param name="Place">Of the repository among the origins.</param>
/// <param name="Warnings">Why nearer repositories are not restored from, and what farther ones know that is newer, or may; each for people.</param>
internal sealed record PlannedRestore(RestorePlan Plan, IRepositoryReader Repository, int Place, IReadOnlyList<string> Warnings);
