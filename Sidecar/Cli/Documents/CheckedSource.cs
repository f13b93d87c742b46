namespace BackupSidecar.Cli.Documents;

/// <summary>A source in the local repository and in another one.</summary>
/// <param name="Source">Its name.</param>
/// <param name="LocalPosition">The newest that can be restored from the local repository; null: none.</param>
/// <param name="LocalTimeline">Of that position.</param>
/// <param name="Position">The newest that can be restored from the other one; null: none.</param>
/// <param name="Timeline">Of that position.</param>
/// <param name="InStep">True: the newest local position can be restored from there.</param>
/// <param name="Backups">Kept there.</param>
/// <param name="MissingBackups">Kept locally, and not there.</param>
/// <param name="NotCounted">Objects there that a sidecar put after it had been taken over.</param>
internal sealed record CheckedSource(string Source, ulong? LocalPosition, string? LocalTimeline, ulong? Position, string? Timeline, bool InStep, int Backups, int MissingBackups, int NotCounted);
