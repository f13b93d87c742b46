namespace BackupSidecar.Following;

/// <summary>A run that is due at a time.</summary>
/// <param name="What">Such as "backup" or "drill".</param>
/// <param name="At">Not earlier than this.</param>
internal sealed record NextRun(string What, DateTimeOffset At);
