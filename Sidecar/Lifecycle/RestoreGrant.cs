namespace BackupSidecar.Lifecycle;

/// <summary>An instance of the app that was given the restored database.</summary>
/// <param name="Instance">Its id.</param>
/// <param name="AppVersion">As it said; empty: it did not.</param>
/// <param name="At">When.</param>
internal sealed record RestoreGrant(string Instance, string AppVersion, DateTimeOffset At);
