using BackupSidecar.Primitives;
using BackupSidecar.Restore.Swap;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Lifecycle;

/// <summary>Exchanges the database of a source for a restored one, and that for the former one.</summary>
/// <remarks>
/// Used under the gate of the lifecycle. The state that says what is about to happen is on the disk first; whatever ends an exchange, a failure, a cancellation
/// or a crash, <see cref="Settle"/> asks the files, by inode, which of the two databases has the name, and the state follows.
/// </remarks>
internal sealed class DatabaseExchange(
    string source, string path, KnownRestores restores, StagedRestore staged, IFollowedDatabase database, LifecycleSettings settings, ILogger log, TimeProvider time)
{
    /// <summary>How long the start of an app waits for the last capture: a store that hangs must not keep it from its database.</summary>
    private static readonly TimeSpan HoldWaitMax = TimeSpan.FromMinutes(2);

    public bool DatabaseExists => InodeOf(path) != 0;

    /// <summary>The state as the files say it, of an exchange that is over or whose process is.</summary>
    /// <exception cref="OperatorException">The files do not say what happened.</exception>
    public void Settle()
    {
        switch (restores.Current)
        {
            case { State: RestoreState.Placing } placing:
                _ = SwapRecovery.FinishOrUndo(path);
                _ = restores.Save(InodeOf(path) == placing.StagedInode ? Placed(placing) : placing with { State = RestoreState.Staged, Grants = [] });
                break;
            case { State: RestoreState.RollingBack } rollingBack:
                _ = SwapRecovery.FinishOrUndo(path);
                _ = restores.Save(InodeOf(path) == rollingBack.OldInode ? RolledBack(rollingBack) : rollingBack with { State = RestoreState.RollbackPending, RolledBackFor = null });
                break;
            default:
                break;
        }
    }

    /// <summary>Puts a staged database in place.</summary>
    /// <returns>The record, in place or not. Not: somebody uses the database, or it failed; the database is as it was.</returns>
    public async Task<ExchangeResult> PlaceAsync(RestoreRecord restore, RestoreGrant asking, CancellationToken ct)
    {
        using var hold = await TryHoldAsync(ct);
        if (hold is null || AttachedApps.AreThereAny(path))
        {
            return new ExchangeResult(restore, IsDone: false, hold is null ? [HoldTooLong(restore)] : []);
        }

        var placing = restores.Save(restore with
        {
            State = RestoreState.Placing,
            Reason = "",
            OldInode = InodeOf(path),
            Grants = [asking],
            IsSafetyCopyCaptured = hold.IsCaptured,
            ReplacedPosition = hold.Position,
            ReplacedTimeline = hold.Timeline,
        });
        var (failure, warnings) = await SwapAndSettleAsync(new SwapRequest(path, placing.StagedPath!, placing.Id, AppIsStopped: true) { KeepsStaged = true }, ct);
        var settled = restores.Find(restore.Id)!;
        if (settled.IsInPlace)
        {
            // While nobody has the database open here: closing it later would drop SQLite's locks on what is now the database.
            staged.Release();
            return new ExchangeResult(WithWarnings(settled, warnings), IsDone: true, []);
        }

        if (failure is null or { Kind: FailureKind.DatabaseInUse })
        {
            ct.ThrowIfCancellationRequested();
            return new ExchangeResult(restores.Save(settled with { Reason = failure?.Message ?? "" }), IsDone: false, []);
        }

        staged.Discard();
        return new ExchangeResult(
            restores.Save(settled.Ended(RestoreState.Failed, failure.Message, Now)), IsDone: false, [$"Restore {restore.Id} could not be put in place, the database is as it was: {failure.Message}"]);
    }

    /// <summary>Puts the former database in place again.</summary>
    /// <returns>The record, rolled back or not. Not: somebody uses the database, or it is impossible; the database is as it was.</returns>
    /// <exception cref="OperatorException">It failed; the database is as it was.</exception>
    public async Task<ExchangeResult> TakeBackAsync(RestoreRecord restore, RestoreGrant asking, CancellationToken ct)
    {
        using var hold = await TryHoldAsync(ct);
        if (hold is null || AttachedApps.AreThereAny(path))
        {
            return new ExchangeResult(restore, IsDone: false, hold is null ? [HoldTooLong(restore)] : []);
        }

        if (ProblemOfTakingBack(restore) is { } problem)
        {
            var text = $"Restore {restore.Id} cannot be taken back: {problem}; the database stays as it is.";
            LifecycleLog.Warning(log, source, text);
            return new ExchangeResult(restores.Save(restore.Ended(RestoreState.Failed, problem, Now) with { Warnings = [.. restore.Warnings, text] }), IsDone: false, [text]);
        }

        var isKept = hold.IsStored && (restore.KeptBeforeUndo == hold.Position || await TryKeepAsync($"before undoing restore {restore.Id}", ct));
        var rollingBack = restores.Save(restore with
        {
            State = RestoreState.RollingBack,
            RolledBackFor = asking.Instance,
            IsSafetyCopyCaptured = isKept && hold.IsCaptured,
            KeptBeforeUndo = isKept ? hold.Position : restore.KeptBeforeUndo,
        });
        var (failure, warnings) = await SwapAndSettleAsync(new SwapRequest(path, rollingBack.SafetyCopy!, UndoIdOf(restore), AppIsStopped: true) { KeepsStaged = true }, ct);
        var settled = restores.Find(restore.Id)!;
        if (settled.State == RestoreState.RolledBack)
        {
            return new ExchangeResult(WithWarnings(settled, warnings), IsDone: true, []);
        }

        ct.ThrowIfCancellationRequested();
        return failure is null or { Kind: FailureKind.DatabaseInUse } ? new ExchangeResult(settled, IsDone: false, []) : throw failure;
    }

    /// <returns>Null: it can be taken back.</returns>
    public string? ProblemOfTakingBack(RestoreRecord restore) =>
        restore.SafetyCopy is null ? restore.OldInode == 0 ? "there was no database before it" : "the database from before it is not kept any more"
        : InodeOf(restore.SafetyCopy) != restore.OldInode ? $"'{restore.SafetyCopy}' is not the database from before it"
        : DatabaseExists && InodeOf(path) != restore.StagedInode ? $"'{path}' is not the restored database any more: something else has replaced it"
        : null;

    private DateTimeOffset Now => time.GetUtcNow();

    private static string UndoIdOf(RestoreRecord restore) => $"{restore.Id}-undo";

    private static ulong InodeOf(string path) => FileFacts.Of(path)?.Inode ?? 0;

    private static string HoldTooLong(RestoreRecord restore) =>
        $"Restore {restore.Id} waits for the next start: the last capture of the database took longer than {DurationText.Of(HoldWaitMax)}. Check the store.";

    /// <returns>Null: it took too long; capture goes on.</returns>
    private async Task<DatabaseHold?> TryHoldAsync(CancellationToken ct)
    {
        using var late = new CancellationTokenSource(HoldWaitMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            return await database.HoldAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Afterwards the record says which database has the name, whatever came in between; why it did not work is the answer.</summary>
    /// <exception cref="OperatorException">The files do not say what happened: nobody may open the database.</exception>
    private async Task<(OperatorException? Failure, IReadOnlyList<string> Warnings)> SwapAndSettleAsync(SwapRequest request, CancellationToken ct)
    {
        try
        {
            var swap = await new SwapRun(time, new SwapPatience(), settings.Reached).ExecuteAsync(request, ct);
            Settle();
            return (null, swap.Warnings);
        }
        catch (OperatorException e)
        {
            Settle();
            return (e, []);
        }
        catch (OperationCanceledException)
        {
            Settle();
            return (null, []);
        }
    }

    private async Task<bool> TryKeepAsync(string label, CancellationToken ct)
    {
        try
        {
            await database.KeepNewestAsync(label, ct);
            return true;
        }
        catch (OperatorException e)
        {
            LifecycleLog.Warning(log, source, $"what was committed since the restore is not kept as a backup, and stays in the file that is kept beside the database: {e.Message}");
            return false;
        }
    }

    /// <summary>Without a database before it there is nothing to go back to, and nothing to confirm; nor is there where nobody will.</summary>
    private RestoreRecord Placed(RestoreRecord placing)
    {
        var safetyCopy = SafetyCopyOf(placing.Id, placing.OldInode);
        var placed = placing with { SafetyCopy = safetyCopy, PlacedAt = Now, Warnings = [.. placing.Warnings, .. WarningOfKept(safetyCopy, placing)] };
        return safetyCopy is null ? placed.Ended(RestoreState.Confirmed, "there was no database before", Now)
            : placed.Grants is [.., { Confirms: false } grant] ? placed.Ended(RestoreState.Confirmed, $"instance {grant.Instance} takes no part in confirming", Now)
            : placed with { State = RestoreState.Unconfirmed, ConfirmBy = Now + settings.ConfirmWithin };
    }

    private RestoreRecord RolledBack(RestoreRecord rollingBack)
    {
        var safetyCopy = SafetyCopyOf(UndoIdOf(rollingBack), rollingBack.StagedInode);
        return rollingBack.Ended(RestoreState.RolledBack, rollingBack.Reason, Now) with { SafetyCopy = safetyCopy, Warnings = [.. WarningOfKept(safetyCopy, rollingBack)] };
    }

    /// <summary>As a swap of that id leaves it.</summary>
    private string? SafetyCopyOf(string id, ulong inode) => SwapPaths.Of(path).SafetyCopy(id) is var copy && inode != 0 && InodeOf(copy) == inode ? copy : null;

    private static IEnumerable<string> WarningOfKept(string? safetyCopy, RestoreRecord restore) => safetyCopy is null || restore.IsSafetyCopyCaptured ? [] :
        [$"It is not certain that every commit of the database that was replaced is stored: it is kept as '{safetyCopy}' until you remove it."];

    private RestoreRecord WithWarnings(RestoreRecord restore, IReadOnlyList<string> warnings) =>
        warnings.Count == 0 ? restore : restores.Save(restore with { Warnings = [.. restore.Warnings, .. warnings] });
}
