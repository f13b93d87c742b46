using Microsoft.Extensions.Logging;
using Wire = BackupSidecar.Contracts.V1;

namespace BackupSidecar.Client;

/// <summary>Asks the sidecar for the database of an instance, until it answers.</summary>
/// <remarks>
/// (1) Ask, always with the same instance: what was begun goes on, and an answer that was lost is given again
/// (2) What may pass is tried again: no sidecar yet, one that ends or is busy, an answer that takes longer than a call may
/// (3) Where none is reached for too long, the options decide; what is refused for a reason is never passed over
/// </remarks>
internal sealed class DatabasePreparer(SidecarCalls calls, BackupSidecarOptions options, string instance, ILogger log, TimeProvider time, Random random)
{
    /// <summary>How long one call waits.</summary>
    private static readonly TimeSpan CallMax = TimeSpan.FromMinutes(5);

    /// <exception cref="BackupSidecarException">The database may not be opened.</exception>
    public async Task<(PreparedDatabase Prepared, string RestartFor)> PrepareAsync(CancellationToken ct)
    {
        var request = new Wire.PrepareDatabaseRequest { Source = options.Source, InstanceId = instance, AppVersion = options.AppVersion };
        var begun = time.GetTimestamp();
        var backoff = new Backoff(random);
        long? unreachableSince = null;
        var isToldToWait = false;
        while (true)
        {
            BackupSidecarException failure;
            try
            {
                return Read(await calls.PrepareDatabaseAsync(request, Least(CallMax, Rest(begun)), ct).ConfigureAwait(false));
            }
            catch (BackupSidecarException e) when (MayPass(e))
            {
                failure = e;
            }

            unreachableSince = IsUnreachable(failure) ? unreachableSince ?? time.GetTimestamp() : null;
            if (unreachableSince is { } since && time.GetElapsedTime(since) >= options.UnreachableAfter)
            {
                return (OpenWithoutSidecar(failure), "");
            }

            if (Rest(begun) <= TimeSpan.Zero)
            {
                throw new BackupSidecarException(
                    failure.Reason, $"The database could not be prepared within PrepareTimeout, {options.PrepareTimeout:c}. The last failure: {failure.Message}", "What was begun goes on in the sidecar: start the app again, or give it more time.", failure);
            }

            if (!isToldToWait)
            {
                isToldToWait = true;
                ClientLog.Waiting(log, failure.Message);
            }

            await Task.Delay(Least(backoff.Next(), Rest(begun)), time, ct).ConfigureAwait(false);
        }
    }

    private static bool MayPass(BackupSidecarException failure) => IsUnreachable(failure) || failure.Reason is "LOCKED" or "SOURCE_FAILING" or "TOO_MANY_CALLS" or "NOT_PREPARED_IN_TIME" or BackupSidecarException.TimedOut;

    private static bool IsUnreachable(BackupSidecarException failure) => failure.Reason is BackupSidecarException.Unreachable or "ENDING";

    private TimeSpan Rest(long begun) => options.PrepareTimeout - time.GetElapsedTime(begun) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;

    private static TimeSpan Least(TimeSpan first, TimeSpan second) => first < second ? first : second;

    private (PreparedDatabase Prepared, string RestartFor) Read(Wire.PrepareDatabaseResponse response)
    {
        var preparation = response.Preparation switch
        {
            Wire.DatabasePreparation.Existing => DatabasePreparation.Existing,
            Wire.DatabasePreparation.Restored => DatabasePreparation.Restored,
            Wire.DatabasePreparation.RolledBack => DatabasePreparation.RolledBack,
            Wire.DatabasePreparation.Empty => DatabasePreparation.Empty,
            _ => throw new BackupSidecarException(
                "", $"The sidecar at {options.Address} prepared the database in a way that this client does not know: {(int)response.Preparation}.", "Use a client of the version of the sidecar."),
        };
        foreach (var warning in response.Warnings)
        {
            ClientLog.Warning(log, warning);
        }

        return (new PreparedDatabase(preparation, response.RestoreId, response.ConfirmDeadline?.ToDateTimeOffset(), response.Restart is not null, [.. response.Warnings]), response.Restart?.RestoreId ?? "");
    }

    private PreparedDatabase OpenWithoutSidecar(BackupSidecarException failure)
    {
        if (options.WhenUnreachable != WhenUnreachable.OpenExisting)
        {
            throw new BackupSidecarException(
                BackupSidecarException.Unreachable,
                $"No sidecar has been reached for UnreachableAfter, {options.UnreachableAfter:c}, and the database is not opened without one. {failure.Message}",
                "To let the app start without a sidecar where the database is there, set WhenUnreachable to OpenExisting.",
                failure);
        }

        // The marker stands beside the file that a link leads to.
        var path = Path.GetFullPath(options.DatabasePath);
        path = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        var marker = path + ".restore-pending";
        if (File.Exists(marker))
        {
            throw new BackupSidecarException(
                BackupSidecarException.RestorePending,
                $"A restore of {path} has not ended, since there is {marker}, and no sidecar is reached that would end it. {failure.Message}",
                "Start the sidecar: it ends or undoes the restore when the app starts. Do not remove the marker.",
                failure);
        }

        if (!File.Exists(path))
        {
            throw new BackupSidecarException(
                "DATABASE_MISSING",
                $"There is no database at {path}, and no sidecar is reached that would restore it. {failure.Message}",
                "Start the sidecar. WhenUnreachable OpenExisting never begins an empty database.",
                failure);
        }

        ClientLog.WithoutSidecar(log, options.UnreachableAfter.TotalSeconds, failure.Message);
        return new PreparedDatabase(DatabasePreparation.WithoutSidecar, "", null, IsRestartWanted: false, []);
    }
}
