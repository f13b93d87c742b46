namespace BackupSidecar.Testing;

/// <summary>What a load has done until it was stopped.</summary>
internal readonly record struct WriterLoadResult(long Commits, long Checkpoints);
