namespace BackupSidecar.Lifecycle;

/// <summary>An instance of the app that was given the restored database.</summary>
/// <param name="Instance">Its id.</param>
/// <param name="AppVersion">As it said; empty: it did not.</param>
/// <param name="At">When.</param>
/// <param name="Confirms">False: nobody will, and a restore that is put in place for it counts as confirmed.</param>
internal sealed record RestoreGrant(string Instance, string AppVersion, DateTimeOffset At, bool Confirms = true);
