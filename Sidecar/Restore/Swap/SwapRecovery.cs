using BackupSidecar.Primitives;

namespace BackupSidecar.Restore.Swap;

/// <summary>What every command on a database does first: ends a swap whose process died.</summary>
/// <remarks>
/// The rename is the point of no return. Whether it happened is asked of the files, by inode: the new database has the name → finish; it still has
/// its temporary name, or the old one is in place → undo. Anything else was done by somebody else, and is left to a person.
/// Finishing and undoing change only names that the swap made: an application may be running on either database meanwhile.
/// </remarks>
internal static class SwapRecovery
{
    /// <exception cref="OperatorException">A restore of the database is running, or the files do not say what happened; nothing was changed.</exception>
    public static SwapRecoveryOutcome FinishOrUndo(string path)
    {
        var paths = SwapPaths.Of(path);
        SwapMarker.SweepTemporary(paths);
        using var marker = SwapMarker.TryOpen(paths);
        if (marker is null)
        {
            return SwapRecoveryOutcome.Nothing;
        }

        var journal = marker.Journal;
        var inPlace = FileFacts.Of(paths.Database)?.Inode ?? 0;
        var staged = FileFacts.Of(paths.InDirectory(journal.StagedName))?.Inode ?? 0;
        var outcome = inPlace == journal.StagedInode ? Finish(paths, journal)
            : staged == journal.StagedInode || inPlace == journal.OldInode ? Undo(paths, journal)
            : throw Unknown(paths, journal);
        marker.Remove();
        return outcome;
    }

    private static SwapRecoveryOutcome Finish(SwapPaths paths, SwapJournal journal)
    {
        // Where the rename had to be a link and an unlink, the crash may have come between the two.
        SwapUndo.DiscardStaged(paths, journal);
        FileNames.SyncDirectory(paths.Directory);
        var text = $"An interrupted restore of '{paths.Database}' is finished: the restored database is in place.";
        var safetyCopy = paths.SafetyCopy(journal.RestoreId);
        if (journal.OldInode == 0 || FileFacts.Of(safetyCopy)?.Inode != journal.OldInode)
        {
            return new SwapRecoveryOutcome(SwapRecoveryKind.Finished, text, SafetyCopyPath: null);
        }

        text += $" The former one is kept as '{safetyCopy}'.";
        using var old = DatabaseLock.TryTake(safetyCopy);
        if (old is null || old.AskForOtherOpeners() == OtherOpeners.Some)
        {
            text += " A process still has the former one open and may mix the two: restart every application that uses this database, before it writes.";
        }

        return new SwapRecoveryOutcome(SwapRecoveryKind.Finished, text, safetyCopy);
    }

    private static SwapRecoveryOutcome Undo(SwapPaths paths, SwapJournal journal)
    {
        var hasMovedSides = SwapUndo.MovedSides(paths, journal).Count > 0;
        using var old = hasMovedSides && FileFacts.Of(paths.Database) is not null
            ? DatabaseLock.TryTake(paths.Database) ?? throw InUse(paths)
            : null;
        var remarks = SwapUndo.Undo_NeedsLock(paths, journal);
        if (!journal.KeepsStaged)
        {
            SwapUndo.DiscardStaged(paths, journal);
        }

        var text = $"An interrupted restore of '{paths.Database}' is undone: nothing was replaced.";
        return new SwapRecoveryOutcome(SwapRecoveryKind.Undone, string.Join(' ', remarks.Prepend(text)), SafetyCopyPath: null);
    }

    private static OperatorException InUse(SwapPaths paths) =>
        new(
            FailureKind.DatabaseInUse,
            $"An interrupted restore of '{paths.Database}' must give it its side files back, and the database is in use.",
            "Stop the application, then run the command again.");

    private static OperatorException Unknown(SwapPaths paths, SwapJournal journal) =>
        new(
            FailureKind.UnsafeEnvironment,
            $"An interrupted restore of '{paths.Database}' can be neither finished nor undone: the file there is neither the old database nor the restored one, and '{journal.StagedName}' is gone.",
            $"Nothing was changed. If the file there is the one you want, remove '{paths.Marker}'. The old one may be kept as '{paths.SafetyCopy(journal.RestoreId)}'.");
}
