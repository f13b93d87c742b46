namespace BackupSidecar.Client;

/// <summary>What PrepareDatabaseAsync did.</summary>
/// <param name="Preparation">Which database it is.</param>
/// <param name="RestoreId">The restore that put it in place or took it back; empty where there was none.</param>
/// <param name="ConfirmBy">When the app must have confirmed the restore; null: there is nothing to confirm.</param>
/// <param name="IsRestartWanted">True: a restore waits that could not be put in place at this start, and the app will be stopped for it.</param>
/// <param name="Warnings">What an operator should know; it is in the log, too.</param>
public sealed record PreparedDatabase(DatabasePreparation Preparation, string RestoreId, DateTimeOffset? ConfirmBy, bool IsRestartWanted, IReadOnlyList<string> Warnings);
