namespace BackupSidecar.Lifecycle;

/// <summary>What became of an exchange of the database.</summary>
/// <param name="Restore">As it is now.</param>
/// <param name="IsDone">False: the database is as it was.</param>
/// <param name="Warnings">If it is not done: sentences for the app, which gets the database as it is.</param>
internal sealed record ExchangeResult(RestoreRecord Restore, bool IsDone, IReadOnlyList<string> Warnings);
