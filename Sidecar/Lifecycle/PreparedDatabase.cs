namespace BackupSidecar.Lifecycle;

/// <summary>The answer to an app that asked for its database.</summary>
/// <param name="Preparation">Which one it is.</param>
/// <param name="Restore">With <see cref="Preparation.Restored"/> and <see cref="Preparation.RolledBack"/>: the restore.</param>
/// <param name="ConfirmBy">Until when it must confirm; null: it need not.</param>
/// <param name="Restart">Not null: it should start again soon.</param>
/// <param name="Warnings">Sentences for the log of the app.</param>
internal sealed record PreparedDatabase(Preparation Preparation, RestoreRecord? Restore, DateTimeOffset? ConfirmBy, RestartWish? Restart, IReadOnlyList<string> Warnings);
