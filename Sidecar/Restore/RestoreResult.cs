namespace BackupSidecar.Restore;

/// <summary>What a restore did.</summary>
/// <param name="Plan">What was restored; null if nothing had to be done.</param>
/// <param name="Repository">Where it comes from; null if nothing had to be done.</param>
/// <param name="OutputPath">The database.</param>
/// <param name="SafetyCopyPath">The old database, or null if there was none.</param>
/// <param name="Duration">From the plan to the end.</param>
/// <param name="SqliteChecked">Whether SQLite's checks were run.</param>
/// <param name="Recovered">What an earlier, interrupted restore on this path ended as, or null.</param>
/// <param name="Warnings">Whole sentences for the operator.</param>
internal sealed record RestoreResult(
    RestorePlan? Plan,
    string? Repository,
    string OutputPath,
    string? SafetyCopyPath,
    TimeSpan Duration,
    bool SqliteChecked,
    string? Recovered,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Nothing was done because there is no backup yet.</summary>
    public bool IsEmpty { get; init; }
}
