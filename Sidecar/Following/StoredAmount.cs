namespace BackupSidecar.Following;

/// <summary>What the repository holds of a source.</summary>
/// <param name="Bytes">Of its packs.</param>
/// <param name="Packs">How many.</param>
/// <param name="Backups">Kept ones that are not deleted.</param>
/// <param name="RestorePoints">Positions and backups that can be asked for.</param>
/// <param name="At">When it was counted.</param>
internal sealed record StoredAmount(long Bytes, int Packs, int Backups, int RestorePoints, DateTimeOffset At);
