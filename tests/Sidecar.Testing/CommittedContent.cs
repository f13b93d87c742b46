namespace BackupSidecar.Testing;

/// <summary>One committed state: its number of commits, and a hash of its schema and every row of every table.</summary>
internal readonly record struct CommittedContent(long Commits, string Hash);
