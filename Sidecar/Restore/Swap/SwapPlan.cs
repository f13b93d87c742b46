using BackupSidecar.Primitives;

namespace BackupSidecar.Restore.Swap;

/// <summary>What a swap will do, checked as far as looking can: nothing was opened, locked or changed.</summary>
/// <param name="Old">The database that will be replaced; null: there is none.</param>
internal sealed record SwapPlan(SwapPaths Paths, string StagedPath, string RestoreId, bool AppIsStopped, bool KeepsStaged, FileFacts Staged, FileFacts? Old)
{
    private const long SharedMemoryLocks = 120;
    private const long SharedMemoryLockBytes = 9;

    public string SafetyCopy => Paths.SafetyCopy(RestoreId);

    public SwapJournal Journal => SwapJournal.Of(RestoreId, Path.GetFileName(StagedPath), Staged.Inode, Old?.Inode ?? 0, KeepsStaged);

    public static SwapPlan Of(SwapRequest request)
    {
        RequireRestoreId(request.RestoreId);
        var paths = SwapPaths.Of(request.TargetPath);
        RequireNoMarker(paths);
        var staged = StagedFacts(request.StagedPath, paths, out var stagedPath);
        var old = FileFacts.Of(paths.Database);
        if (old is { } existing)
        {
            RequireReplaceable(existing, staged, paths);
        }
        else
        {
            RequireNobodyUsesTheRemains(paths);
        }

        var plan = new SwapPlan(paths, stagedPath, request.RestoreId, request.AppIsStopped, request.KeepsStaged, staged, old);
        plan.RequireSafetyNamesFree();
        return plan;
    }

    private static void RequireRestoreId(string id)
    {
        if (!SwapJournal.IsPlain(id))
        {
            throw new ArgumentException($"'{id}' cannot be a part of a file name.", nameof(id));
        }
    }

    private static void RequireNoMarker(SwapPaths paths)
    {
        if (FileFacts.Of(paths.Marker) is not null)
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"A restore of '{paths.Database}' was interrupted ('{paths.Marker}' is there).",
                "Run the command again: it finishes or undoes that restore first.");
        }
    }

    /// <remarks>Device numbers are not compared: overlay file systems give a file another one than its directory. A rename tells for certain.</remarks>
    private static FileFacts StagedFacts(string path, SwapPaths paths, out string stagedPath)
    {
        stagedPath = Path.GetFullPath(path);
        var directory = FileFacts.OfLinked(Path.GetDirectoryName(stagedPath) ?? "/");
        if (directory is null || FileFacts.OfLinked(paths.Directory) is not { } home || !home.IsSameFileAs(directory.Value))
        {
            throw Unfit(stagedPath, $"does not lie in the directory of '{paths.Database}', so that it cannot take its place in one step");
        }

        stagedPath = paths.InDirectory(Path.GetFileName(stagedPath));
        if (FileFacts.Of(stagedPath) is not { } facts)
        {
            throw Unfit(stagedPath, "does not exist");
        }

        if (!facts.IsRegularFile || facts.Links != 1)
        {
            throw Unfit(stagedPath, "is not a regular file with one name");
        }

        foreach (var suffix in SwapPaths.SideSuffixes)
        {
            if (FileFacts.Of(stagedPath + suffix) is { Size: > 0 })
            {
                throw Unfit(stagedPath, $"has a '{suffix}' beside it: it was not closed, and alone it is not whole");
            }
        }

        return facts;
    }

    private static OperatorException Unfit(string stagedPath, string why) =>
        new(FailureKind.Failed, $"The new database '{stagedPath}' {why}.", "Nothing was changed. Restore again.");

    private static void RequireReplaceable(FileFacts old, FileFacts staged, SwapPaths paths)
    {
        if (!old.IsRegularFile)
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"'{paths.Database}' is {(old.IsDirectory ? "a directory" : "not a regular file")} and cannot be replaced by a database.",
                "Name the database file itself.");
        }

        if (old.IsSameFileAs(staged))
        {
            throw new OperatorException(FailureKind.Failed, $"The new database is '{paths.Database}' itself.", "Restore to another name first.");
        }

        if (old.Links > 1)
        {
            throw new OperatorException(
                FailureKind.UnsafeEnvironment,
                $"'{paths.Database}' has {old.Links} names (hard links): replacing one would leave the others on the old database.",
                $"Remove the other names, or give this one a file of its own. 'find -samefile {paths.Database}' shows them.");
        }
    }

    /// <summary>A database can be deleted while it is in use: who has it open still holds a lock on its <c>-shm</c>.</summary>
    private static void RequireNobodyUsesTheRemains(SwapPaths paths)
    {
        if (FileLock.IsHeldByOthers(paths.Side(SwapPaths.SharedMemorySuffix), SharedMemoryLocks, SharedMemoryLockBytes))
        {
            throw new OperatorException(
                FailureKind.DatabaseInUse,
                $"'{paths.Database}' was deleted while a process had it open, and that process still uses it.",
                "Stop that application, then restore.");
        }
    }

    private void RequireSafetyNamesFree()
    {
        foreach (var name in SwapPaths.SideSuffixes.Select(suffix => Paths.SafetySide(RestoreId, suffix)).Prepend(SafetyCopy))
        {
            if (FileFacts.Of(name) is not null)
            {
                throw new OperatorException(FailureKind.Failed, $"The safety copy cannot be kept as '{name}': that exists.", "Move it away; nothing is overwritten.");
            }
        }
    }
}
