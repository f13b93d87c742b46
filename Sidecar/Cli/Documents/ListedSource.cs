namespace BackupSidecar.Cli.Documents;

/// <summary>One source of a repository.</summary>
/// <param name="Name">Unique in the repository.</param>
/// <param name="Id">Unique anywhere.</param>
/// <param name="Backups">In order of positions, then of time.</param>
/// <param name="Points">How many positions can be restored; <c>list --points</c> shows them.</param>
/// <param name="PointsWithoutBackup">How many of these no backup keeps: captures, which <c>--position</c> and <c>--at</c> reach.</param>
/// <param name="OldestPoint">The time of the oldest of them.</param>
/// <param name="NewestPoint">The time of the newest of them.</param>
/// <param name="Runs">The same, in runs that are alike: one for each timeline and spacing, and for what cannot be restored.</param>
/// <param name="UnknownObjects">Objects whose names say nothing.</param>
/// <param name="Packs">How many there are.</param>
/// <param name="StoredBytes">Of all packs.</param>
internal sealed record ListedSource(
    string Name,
    string Id,
    IReadOnlyList<ListedBackup> Backups,
    int Points,
    int PointsWithoutBackup,
    DateTimeOffset? OldestPoint,
    DateTimeOffset? NewestPoint,
    IReadOnlyList<ListedRun> Runs,
    IReadOnlyList<string> UnknownObjects,
    int Packs,
    long StoredBytes);
