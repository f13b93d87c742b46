namespace BackupSidecar.Restore.Swap;

/// <summary>Takes back what a swap did before the new database had the name. Repeatable: a crash inside is undone by the next one.</summary>
internal static class SwapUndo
{
    /// <summary>
    /// Removes the second name of the old database, and gives moved side files their names back. Nothing that has no other name is removed.
    /// Where side files were moved, the caller holds the old database's locks.
    /// </summary>
    /// <returns>What could not be brought back, for the operator; empty in every ordinary case.</returns>
    public static IReadOnlyList<string> Undo_NeedsLock(SwapPaths paths, SwapJournal journal)
    {
        var remarks = new List<string>();
        var isOldInPlace = (FileFacts.Of(paths.Database)?.Inode ?? 0) == journal.OldInode;
        foreach (var suffix in MovedSides(paths, journal))
        {
            var moved = paths.SafetySide(journal.RestoreId, suffix);
            if (!isOldInPlace || !FileNames.TryRenameToNew(moved, paths.Side(suffix)))
            {
                remarks.Add($"The old '{suffix}' is kept as '{moved}', because its place was taken meanwhile.");
            }
        }

        var safetyCopy = paths.SafetyCopy(journal.RestoreId);
        if (FileFacts.Of(safetyCopy) is { } safety)
        {
            if ((safety.Inode == journal.OldInode && isOldInPlace) || safety.Inode == journal.StagedInode)
            {
                FileNames.Remove(safetyCopy);
            }
            else
            {
                remarks.Add($"The database that was there when the restore began is kept as '{safetyCopy}', because another file has its name now.");
            }
        }

        FileNames.SyncDirectory(paths.Directory);
        return remarks;
    }

    /// <summary>Suffixes of the side files that were moved to the safety copy's name.</summary>
    public static IReadOnlyList<string> MovedSides(SwapPaths paths, SwapJournal journal) =>
        [.. SwapPaths.SideSuffixes.Where(suffix => FileFacts.Of(paths.SafetySide(journal.RestoreId, suffix)) is not null)];

    /// <summary>Removes the new database under its temporary name.</summary>
    public static void DiscardStaged(SwapPaths paths, SwapJournal journal)
    {
        var staged = paths.InDirectory(journal.StagedName);
        if (FileFacts.Of(staged) is { } facts && facts.Inode == journal.StagedInode)
        {
            FileNames.Remove(staged);
        }
    }
}
