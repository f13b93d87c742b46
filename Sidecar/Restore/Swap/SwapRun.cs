using BackupSidecar.Primitives;

namespace BackupSidecar.Restore.Swap;

/// <summary>Puts a finished database in the place of another so that at no moment, crash included, anybody finds a mixture of the two.</summary>
/// <remarks>
/// (1) Write down the intent beside the database
/// (2) Take SQLite's exclusive locks on the old and on the new file; who is attached makes the swap end here
/// (3) Let SQLite recover the old database and empty its log, so that its one file is all of it
/// (4) Hard-link the safety copy
/// (5) Remove the old side files: beside the new database a <c>-wal</c> or a <c>-journal</c> would be played into it
/// (6) Rename                                                   ◄ the new database is in place from here on
/// (7) Check that no side file appeared
/// (8) Release the new file, then the old, and remove the marker
///
/// Every failure before (6) is undone on the spot, the new file left under its temporary name. After a crash <see cref="SwapRecovery"/> does it,
/// or finishes.
///
/// <para>Recovery (3) comes inside (2): SQLite needs the locks for itself, so they are taken, given to it, and taken again, until the files stay
/// clean under our own locks. From then on no SQLite connection of ours exists.</para>
///
/// <para>A database that SQLite cannot read is moved aside with its side files as one set: <c>&lt;db&gt;.before-&lt;id&gt;</c>, <c>…-wal</c> and so on.
/// Remains without a database are moved likewise.</para>
///
/// <para><b>Who opened the old file before (6) and waits for its lock</b> would, once it gets it, use the old file together with side files that are
/// named by path and belong to the new database: a mixture, and it may write. So nobody may have the old file open at (6): where the system can tell
/// (<see cref="DatabaseLock.BeginWatch"/>), the swap waits until such waiters gave up, or is refused, whatever the operator said about the application; who opens
/// the file in the very instant of the rename is outwaited in (8) under the old file's lock. Where the system cannot tell (a network file
/// system, another user's file), (8) keeps the old file locked for <see cref="SwapPatience.OpenersWaitMax"/>, longer than usual busy time-outs. What remains there: a
/// process that retries for longer, and a crash of ours during that wait.</para>
///
/// <para>A process in rollback-journal mode holds no lock while idle, and one that knows a database whose header we cannot read may be such a one: these
/// need <see cref="SwapRequest.AppIsStopped"/>.</para>
/// </remarks>
/// <param name="reached">Called at each <see cref="SwapStep"/>, for progress and crash tests.</param>
internal sealed class SwapRun(TimeProvider time, SwapPatience patience, Action<SwapStep> reached)
{
    /// <summary>Each one more means that an application came, committed and was killed while we recovered. Past it the swap waits as for any user of the database.</summary>
    private const int RecoveriesMax = 5;

    /// <summary>Afterwards the new database has the name, or an exception says why not and the old one is as it was.</summary>
    /// <remarks>
    /// The caller has ended its own use of both files and called <see cref="SwapRecovery.FinishOrUndo"/>.
    /// A cancellation after (6) only shortens the wait of (8), which the result then says.
    /// </remarks>
    /// <exception cref="OperatorException">Refused, or failed. <see cref="FailureKind.DatabaseInUse"/>: an application has it open.</exception>
    public async Task<SwapResult> ExecuteAsync(SwapRequest request, CancellationToken ct)
    {
        var plan = SwapPlan.Of(request);
        reached(SwapStep.Begun);

        // (1)
        using var marker = SwapMarker.Publish(plan.Paths, plan.Journal, reached);
        reached(SwapStep.MarkerPublished);

        DatabaseLock? old = null;
        DatabaseLock? staged = null;
        var warnings = new List<string>();
        var isNewInPlace = false;
        try
        {
            // (2), (3)
            old = plan.Old is null ? null : await TakeOldAsync(plan, ct).ConfigureAwait(false);
            var movesSides = old is null || HoldsMoreThanItsFile(old, plan);
            reached(SwapStep.OldLocked);
            staged = TakeStaged(plan, warnings);
            reached(SwapStep.StagedLocked);

            // (4)
            if (old is not null)
            {
                LinkSafetyCopy(plan, old);
            }

            // (5)
            ClearSides(plan, movesSides, warnings);

            // (6)
            var isWatched = await RenameAsync(plan, old, ct).ConfigureAwait(false);
            isNewInPlace = true;
            reached(SwapStep.Renamed);
            FileNames.SyncDirectory(plan.Paths.Directory);
            reached(SwapStep.RenameSynced);

            // (7)
            if (FindSide(plan) is { } side)
            {
                isNewInPlace = false;
                TakeBack(plan);
                throw Appeared(plan, side);
            }

            // (8)
            staged.Dispose();
            reached(SwapStep.NewReleased);
            if (old is not null)
            {
                await OutwaitLateComersAsync(plan, old, isWatched, warnings, ct).ConfigureAwait(false);
                old.Dispose();
            }

            reached(SwapStep.OldReleased);
            marker.Remove();
            reached(SwapStep.MarkerRemoved);
            return new SwapResult(plan.Old is null ? null : plan.SafetyCopy, warnings);
        }
        catch (Exception e) when (!isNewInPlace && e is OperatorException or OperationCanceledException)
        {
            UndoHere(marker);
            throw;
        }
        finally
        {
            staged?.Dispose();
            old?.Dispose();
        }
    }

    /// <summary>Returns with the locks held, nobody else having the file open as far as the system can tell, and the file recovered if it can be.</summary>
    private async Task<DatabaseLock> TakeOldAsync(SwapPlan plan, CancellationToken ct)
    {
        var begun = time.GetTimestamp();
        var recoveries = 0;
        var isReadable = true;
        while (true)
        {
            var held = DatabaseLock.TryTake(plan.Paths.Database);
            if (held is not null && await IsReadyAsync(plan, held, isReadable, ct).ConfigureAwait(false))
            {
                return held;
            }

            switch (held is null ? OldDatabaseRecoveryOutcome.Busy : OldDatabaseRecovery.Run(plan.Paths.Database))
            {
                case OldDatabaseRecoveryOutcome.Unreadable:
                    isReadable = false;
                    break;
                case OldDatabaseRecoveryOutcome.Recovered when ++recoveries <= RecoveriesMax:
                    begun = time.GetTimestamp();
                    break;
                default:
                    await PauseOrRefuseAsync(plan, begun, patience.LockWaitMax, ct).ConfigureAwait(false);
                    break;
            }
        }
    }

    /// <summary>False if SQLite must recover the database first; then, and on a failure, the locks are released.</summary>
    private async Task<bool> IsReadyAsync(SwapPlan plan, DatabaseLock held, bool isReadable, CancellationToken ct)
    {
        var isReady = false;
        try
        {
            var state = OldDatabaseState.Read(held, plan.Paths);
            RequireSameFile(plan, held);
            RequireLocksCanTell(plan, state, isReadable);
            if (!state.NeedsRecovery || state.IsEmptyWithSides || !isReadable)
            {
                await WaitForOpenersAsync(plan, held, ct).ConfigureAwait(false);
                isReady = true;
            }
        }
        finally
        {
            if (!isReady)
            {
                held.Dispose();
            }
        }

        return isReady;
    }

    private static void RequireSameFile(SwapPlan plan, DatabaseLock held)
    {
        if (!held.Facts.IsSameFileAs(plan.Old!.Value))
        {
            throw new OperatorException(
                FailureKind.DatabaseInUse,
                $"'{plan.Paths.Database}' was replaced by another file while the swap began.",
                "Find out who replaced it, then restore again.");
        }
    }

    private static void RequireLocksCanTell(SwapPlan plan, OldDatabaseState state, bool isReadable)
    {
        if (plan.AppIsStopped || (state.IsWal && isReadable))
        {
            return;
        }

        var what = isReadable ? "is not in WAL mode" : "cannot be read by SQLite";
        throw new OperatorException(
            FailureKind.DatabaseInUse,
            $"'{plan.Paths.Database}' {what}, so that an application may have it open without holding any lock.",
            "Stop the application and pass --app-is-stopped.");
    }

    /// <summary>True if side files hold something that is not in the file and could not be brought there.</summary>
    private static bool HoldsMoreThanItsFile(DatabaseLock old, SwapPlan plan) => OldDatabaseState.Read(old, plan.Paths).NeedsRecovery;

    private static DatabaseLock TakeStaged(SwapPlan plan, List<string> warnings)
    {
        var staged = DatabaseLock.TryTake(plan.StagedPath);
        if (staged is null)
        {
            throw new OperatorException(FailureKind.DatabaseInUse, $"Somebody has opened the new database '{plan.StagedPath}' before it is in place.", "Let nothing else use it, and restore again.");
        }

        if (plan.Old is { } old)
        {
            if (!staged.TakeModeAndOwnerOf(old))
            {
                warnings.Add($"The restored database could not be given to its former owner (user {old.User}, group {old.Group}): check that the application can write it.");
            }
        }
        else if (Posix.EffectiveUser() == 0 && FileFacts.OfLinked(plan.Paths.Directory) is { } directory)
        {
            // Restored by root into an application's volume: without this the application could not open it.
            _ = staged.TakeModeAndOwnerOf(staged.Facts with { User = directory.User, Group = directory.Group });
        }

        staged.Sync();
        return staged;
    }

    private void LinkSafetyCopy(SwapPlan plan, DatabaseLock old)
    {
        FileNames.Link(plan.Paths.Database, plan.SafetyCopy);
        reached(SwapStep.SafetyCopyLinked);
        old.Sync();
        FileNames.SyncDirectory(plan.Paths.Directory);
        reached(SwapStep.SafetyCopySynced);
    }

    private void ClearSides(SwapPlan plan, bool movesSides, List<string> warnings)
    {
        if (movesSides && FindSide(plan) is { } remains)
        {
            warnings.Add($"'{remains}' and the like could not be brought into a database; they are kept under '{plan.SafetyCopy}…'.");
        }

        foreach (var suffix in SwapPaths.SideSuffixes)
        {
            var side = plan.Paths.Side(suffix);
            if (!movesSides)
            {
                FileNames.Remove(side);
            }
            else if (FileFacts.Of(side) is not null && !FileNames.TryRenameToNew(side, plan.Paths.SafetySide(plan.RestoreId, suffix)))
            {
                throw Appeared(plan, plan.Paths.SafetySide(plan.RestoreId, suffix));
            }

            if (suffix == SwapPaths.SideSuffixes[0])
            {
                reached(SwapStep.FirstSideFileRemoved);
            }
        }

        reached(SwapStep.SideFilesRemoved);
        FileNames.SyncDirectory(plan.Paths.Directory);
        reached(SwapStep.SideFilesSynced);
    }

    /// <summary>False if the system could not say who had the old file open at the rename.</summary>
    private async Task<bool> RenameAsync(SwapPlan plan, DatabaseLock? old, CancellationToken ct)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var others = old is not null && patience.AsksForOpeners ? old.BeginWatch() : OtherOpeners.Unknown;
            if (others != OtherOpeners.Some)
            {
                if (FindSide(plan) is { } side)
                {
                    throw Appeared(plan, side);
                }

                Place(plan);
                if (others == OtherOpeners.None)
                {
                    // Whoever came in between is seen again in (8), which looks for late-comers.
                    _ = old!.EndWatch();
                }

                return others == OtherOpeners.None;
            }

            await PauseOrRefuseAsync(plan, begun, patience.OpenersWaitMax, ct).ConfigureAwait(false);
        }
    }

    private static void Place(SwapPlan plan)
    {
        if (plan.Old is not null)
        {
            FileNames.RenameOver(plan.StagedPath, plan.Paths.Database);
        }
        else if (!FileNames.TryRenameToNew(plan.StagedPath, plan.Paths.Database))
        {
            throw new OperatorException(
                FailureKind.DatabaseInUse,
                $"'{plan.Paths.Database}' did not exist when the restore began, and now it does: an application has created it.",
                "Stop the application, then restore again.");
        }
    }

    private static string? FindSide(SwapPlan plan) =>
        SwapPaths.SideSuffixes.Select(plan.Paths.Side).FirstOrDefault(side => FileFacts.Of(side) is not null);

    private static OperatorException Appeared(SwapPlan plan, string side) =>
        new(
            FailureKind.UnsafeEnvironment,
            $"'{side}' appeared while SQLite's locks on '{plan.Paths.Database}' were held: something uses this database without SQLite's locks.",
            "Nothing was replaced. Stop whatever uses the database; on a network file system make sure that locks work across its clients.");

    /// <summary>Gives the old database its name back before anybody was let into the new one.</summary>
    private static void TakeBack(SwapPlan plan)
    {
        if (plan.Old is not null)
        {
            FileNames.Exchange(plan.Paths.Database, plan.SafetyCopy);
            FileNames.RenameOver(plan.SafetyCopy, plan.StagedPath);
        }
        else
        {
            FileNames.RenameOver(plan.Paths.Database, plan.StagedPath);
        }
    }

    private async Task WaitForOpenersAsync(SwapPlan plan, DatabaseLock old, CancellationToken ct)
    {
        var begun = time.GetTimestamp();
        while (patience.AsksForOpeners && old.AskForOtherOpeners() == OtherOpeners.Some)
        {
            await PauseOrRefuseAsync(plan, begun, patience.OpenersWaitMax, ct).ConfigureAwait(false);
        }
    }

    private async Task PauseOrRefuseAsync(SwapPlan plan, long begun, TimeSpan waitMax, CancellationToken ct)
    {
        if (time.GetElapsedTime(begun) >= waitMax)
        {
            throw new OperatorException(
                FailureKind.DatabaseInUse,
                $"'{plan.Paths.Database}' is in use{OpenHolders.Describe(plan.Old!.Value)}; nothing was replaced.",
                "Stop every application that has it open, then restore.");
        }

        await Task.Delay(patience.PollInterval, time, ct).ConfigureAwait(false);
    }

    private async Task OutwaitLateComersAsync(SwapPlan plan, DatabaseLock old, bool isWatched, List<string> warnings, CancellationToken ct)
    {
        try
        {
            await Task.Delay(isWatched ? patience.SettleTime : patience.OpenersWaitMax, time, ct).ConfigureAwait(false);
            var begun = time.GetTimestamp();
            while (isWatched && old.AskForOtherOpeners() == OtherOpeners.Some)
            {
                if (time.GetElapsedTime(begun) >= patience.LateComersWaitMax)
                {
                    warnings.Add($"A process opened the old database just before it was replaced and still waits for it{OpenHolders.Describe(plan.Old!.Value)}: restart it before it writes, it may mix the two.");
                    return;
                }

                await Task.Delay(patience.PollInterval, time, ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            warnings.Add("The new database is in place, but the wait for processes that may still have the old one open was cut short: restart them before they write.");
        }
    }

    /// <summary>The failure that brought us here is what the caller must hear; where undoing fails as well the marker stays, and the next command undoes.</summary>
    private static void UndoHere(SwapMarker marker)
    {
        try
        {
            _ = SwapUndo.Undo_NeedsLock(marker.Paths, marker.Journal);
            marker.Remove();
        }
        catch (OperatorException)
        {
        }
    }
}
