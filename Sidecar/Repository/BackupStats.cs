namespace BackupSidecar.Repository;

/// <summary>What a backup cost.</summary>
internal sealed record BackupStats(long PagesRead, long PagesStored, long StoredBytes, long DurationMs, long ReadTransactionHeldMs);
