namespace BackupSidecar.Cli.Documents;

/// <summary>One source of a repository.</summary>
/// <param name="Name">Unique in the repository.</param>
/// <param name="Id">Unique anywhere.</param>
/// <param name="Backups">In order of positions, then of time.</param>
/// <param name="PositionsWithoutBackup">Restore points of packs that no manifest names, as <c>--position</c> takes them.</param>
/// <param name="BrokenPositions">Positions that cannot be rebuilt, since a pack is missing.</param>
/// <param name="UnknownObjects">Objects whose names say nothing.</param>
/// <param name="Packs">How many there are.</param>
/// <param name="StoredBytes">Of all packs.</param>
internal sealed record ListedSource(
    string Name,
    string Id,
    IReadOnlyList<ListedBackup> Backups,
    IReadOnlyList<string> PositionsWithoutBackup,
    IReadOnlyList<string> BrokenPositions,
    IReadOnlyList<string> UnknownObjects,
    int Packs,
    long StoredBytes);
