using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Lifecycle;

/// <summary>Which database an instance of the app gets: the one that is there, a restored one, the former one, or a missing one filled.</summary>
/// <remarks>Used under the gate of the lifecycle, with the state as the files say it.</remarks>
/// <param name="begin">Begins to stage a database that is missing.</param>
internal sealed class DatabasePreparer(
    string source, string path, bool startEmpty, KnownRestores restores, DatabaseExchange exchange, InstanceRegister instances, RestoreOrigins origins, IFollowedDatabase database, Action<PlannedRestore> begin, ILogger log, TimeProvider time)
{
    /// <summary>So many instances may start on a restored database, and be gone or not watch, before one of them confirms it.</summary>
    public const int UnconfirmedInstancesMax = 3;

    /// <summary>How long a start of the app waits for the backup that is kept before a new version.</summary>
    private static readonly TimeSpan KeepWaitMax = TimeSpan.FromSeconds(15);

    private DateTimeOffset Now => time.GetUtcNow();

    /// <returns>Null: what is being staged has to be waited for.</returns>
    /// <exception cref="LifecycleException">There is no database, and no backup of it.</exception>
    /// <exception cref="OperatorException">The files do not say what happened, what is missing cannot be restored, or it was deleted while it is in use.</exception>
    public async Task<PreparedDatabase?> TryPrepareAsync(RestoreGrant asking, CancellationToken ct)
    {
        var exists = exchange.DatabaseExists;

        // An instance that has its answer may have the database open.
        if (exists && AnsweredBefore(asking.Instance) is { } same)
        {
            return same;
        }

        if (!exists && restores.Current is { State: RestoreState.Unconfirmed } gone)
        {
            _ = restores.Save(gone.Ended(RestoreState.Failed, "the restored database is gone", Now));
        }

        switch (restores.Current)
        {
            case { State: RestoreState.Staging } when !exists:
                return null;
            case { State: RestoreState.Staged } staged:
                return await PlaceAsync(staged, asking, ct);
            case { State: RestoreState.Unconfirmed } unconfirmed when !asking.Confirms:
                return RestoredFor(unconfirmed);
            case { State: RestoreState.Unconfirmed } unconfirmed when unconfirmed.Grants.Count(grant => !instances.IsWatching(grant.Instance)) < UnconfirmedInstancesMax:
                return RestoredFor(restores.Save(unconfirmed with { Grants = [.. unconfirmed.Grants, asking] }));
            case { State: RestoreState.Unconfirmed } unconfirmed:
                return await TakeBackAsync(
                    restores.Save(unconfirmed with { State = RestoreState.RollbackPending, Reason = $"{UnconfirmedInstancesMax} instances started and none confirmed it", RollbackSince = Now }), asking, ct);
            case { State: RestoreState.RollbackPending } pending:
                return await TakeBackAsync(pending, asking, ct);
            default:
                return exists ? await ExistingAsync(asking, ct) : await TryFillAsync(asking, ct);
        }
    }

    private PreparedDatabase? AnsweredBefore(string instance) => restores.Newest switch
    {
        { State: RestoreState.Unconfirmed or RestoreState.Confirmed } restore when restore.IsGrantedTo(instance) => RestoredFor(restore),
        { State: RestoreState.RollbackPending } restore when restore.IsGrantedTo(instance) => new PreparedDatabase(Preparation.Restored, restore, null, RestartWish.Of(restore), restore.Warnings),
        { State: RestoreState.RolledBack } restore when restore.RolledBackFor == instance => new PreparedDatabase(Preparation.RolledBack, restore, null, null, restore.Warnings),
        _ => instances.IsRemembered(instance) ? Existing([]) : null,
    };

    private async Task<PreparedDatabase> PlaceAsync(RestoreRecord staged, RestoreGrant asking, CancellationToken ct)
    {
        if (instances.IsAnotherWatching(asking.Instance))
        {
            return Existing([]);
        }

        var placed = await exchange.PlaceAsync(staged, asking, ct);
        if (!placed.IsDone)
        {
            return Existing(placed.Warnings);
        }

        if (asking.AppVersion.Length > 0)
        {
            restores.SaveVersion(asking.AppVersion);
        }

        return RestoredFor(placed.Restore);
    }

    private async Task<PreparedDatabase> TakeBackAsync(RestoreRecord pending, RestoreGrant asking, CancellationToken ct)
    {
        if (instances.IsAnotherWatching(asking.Instance))
        {
            return Existing([]);
        }

        var takenBack = await exchange.TakeBackAsync(pending, asking, ct);
        return takenBack.IsDone ? new PreparedDatabase(Preparation.RolledBack, takenBack.Restore, null, null, takenBack.Restore.Warnings) : Existing(takenBack.Warnings);
    }

    /// <summary>The database as it is.</summary>
    /// <exception cref="OperatorException">There is none: an app would create an empty one.</exception>
    private PreparedDatabase Existing(IReadOnlyList<string> warnings) =>
        exchange.DatabaseExists ? new PreparedDatabase(Preparation.Existing, null, null, RestartWish.Of(restores.Current), warnings) : throw DeletedInUse(warnings);

    private OperatorException DeletedInUse(IReadOnlyList<string> warnings) => new(
        FailureKind.DatabaseInUse,
        string.Join(' ', warnings.Prepend($"There is no database at {path}, and an instance of the app still runs that may have it open, deleted as it is.")),
        "End every instance of the app and start one: what is missing is then restored. What the running instance commits now is lost when it ends; copy it out of there before, if you need it.");

    private static PreparedDatabase RestoredFor(RestoreRecord restore) =>
        new(Preparation.Restored, restore, restore.State == RestoreState.Unconfirmed ? restore.ConfirmBy : null, null, restore.Warnings);

    /// <summary>The database as it is; kept as a backup first if another version of the app is about to change it.</summary>
    private async Task<PreparedDatabase> ExistingAsync(RestoreGrant asking, CancellationToken ct)
    {
        var former = restores.AppVersion;
        if (asking.AppVersion.Length == 0 || asking.AppVersion == former)
        {
            return Existing([]);
        }

        List<string> warnings = [];
        if (former.Length > 0 && await KeepBeforeAsync($"before {asking.AppVersion}", ct) is { } problem)
        {
            warnings.Add($"The database before version {asking.AppVersion} is not kept as a backup: {problem}");
            LifecycleLog.Warning(log, source, warnings[^1]);
        }

        restores.SaveVersion(asking.AppVersion);
        return Existing(warnings);
    }

    /// <returns>Null: it is kept.</returns>
    private async Task<string?> KeepBeforeAsync(string label, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(KeepWaitMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            if (!await database.CaptureNowAsync(either.Token))
            {
                return "it cannot be captured now.";
            }

            await database.KeepNewestAsync(label, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"that took longer than {DurationText.Of(KeepWaitMax)}.";
        }
        catch (OperatorException e)
        {
            return e.Message;
        }
    }

    /// <summary>There is no database: the newest restore point takes its place.</summary>
    /// <returns>Null: it is being staged.</returns>
    private async Task<PreparedDatabase?> TryFillAsync(RestoreGrant asking, CancellationToken ct)
    {
        if (instances.IsAnotherWatching(asking.Instance))
        {
            throw DeletedInUse([]);
        }

        if (await origins.TryPlanNewestAsync(source, time, ct) is not { } planned)
        {
            return startEmpty ? new PreparedDatabase(Preparation.Empty, null, null, null, []) : throw new LifecycleException(
                LifecycleRefusal.NoBackupExists,
                $"There is no database at {path}, and no repository holds a backup of source '{source}'.",
                "If this is the first start, set startEmpty for the source, or create the database; if not, check the path, the mount of the volume and the repository.");
        }

        begin(planned);
        return null;
    }
}
