namespace BackupSidecar.Lifecycle;

/// <summary>What the sidecar needs an app to start again for.</summary>
/// <param name="IsRollback">False: a restore is staged. True: one is to be taken back.</param>
/// <param name="RestoreId">Which.</param>
/// <param name="Deadline">When the app should have ended.</param>
/// <param name="Message">A sentence.</param>
internal sealed record RestartWish(bool IsRollback, string RestoreId, DateTimeOffset Deadline, string Message);
