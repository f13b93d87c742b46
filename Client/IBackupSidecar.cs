namespace BackupSidecar.Client;

/// <summary>What an app asks its sidecar for. An interface so that the tests of an app can put their own in its place.</summary>
public interface IBackupSidecar
{
    /// <summary>Returns when everything that was committed before the call can be restored. Calls that come at the same time share the work.</summary>
    /// <exception cref="BackupSidecarException">Nothing is known of what was committed: it may be stored later. It is not tried again; the call returns at once where no sidecar is reached.</exception>
    Task EnsureDurableAsync(CancellationToken ct = default);

    /// <summary>Gives the app more time to confirm the restore that PrepareDatabaseAsync put in place. It never shortens.</summary>
    /// <param name="extension">From now; 1 s to 1 d.</param>
    /// <param name="ct">Ends the wait for the answer.</param>
    /// <returns>Until when it must be confirmed; null: there is nothing to confirm.</returns>
    /// <exception cref="BackupSidecarException">It is too late (CONFIRMATION_TOO_LATE), or the sidecar is not reached.</exception>
    Task<DateTimeOffset?> ExtendConfirmationAsync(TimeSpan extension, CancellationToken ct = default);

    /// <summary>Confirms the restore that PrepareDatabaseAsync put in place, if there is one to confirm. Only needed without <see cref="BackupSidecarOptions.ConfirmWhenHealthy"/>.</summary>
    /// <exception cref="BackupSidecarException">It is too late (CONFIRMATION_TOO_LATE), or the sidecar is not reached.</exception>
    Task ConfirmHealthyAsync(CancellationToken ct = default);
}
