namespace BackupSidecar.Client;

/// <summary>What an app does that starts and reaches no sidecar for <see cref="BackupSidecarOptions.UnreachableAfter"/>.</summary>
public enum WhenUnreachable
{
    /// <summary>PrepareDatabaseAsync throws, and the app does not start. A database that is missing, or a restore that waits, is never passed over.</summary>
    Fail = 0,

    /// <summary>
    /// The app opens the database that is there. It does not start if there is none, since it might begin an empty one where a restore is due, or if the marker of an unfinished restore stands beside it (DATABASE.restore-pending).
    /// A restore that waits for its confirmation cannot be confirmed by such an instance.
    /// </summary>
    OpenExisting = 1,
}
