namespace BackupSidecar.Restore.Swap;

/// <summary>The new database is in place.</summary>
/// <param name="SafetyCopyPath">The old database, whole and in one file (a damaged one with its side files under the same name); null where there was none.</param>
/// <param name="Warnings">Whole sentences for the operator.</param>
internal sealed record SwapResult(string? SafetyCopyPath, IReadOnlyList<string> Warnings);
