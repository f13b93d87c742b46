using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;

namespace BackupSidecar.Verify;

/// <summary>Restores the newest position of a source to a scratch directory, checks it, and removes it.</summary>
/// <param name="repository">What is restored from.</param>
/// <param name="scratchDirectory">It exists, and has room for the database; a directory of its own is made in it and removed.</param>
/// <param name="workers">1 to 16.</param>
/// <param name="time">The clock.</param>
/// <param name="progress">Null: nobody is told.</param>
internal sealed class DrillRun(IRepositoryReader repository, string scratchDirectory, int workers, TimeProvider time, IProgress<ProgressReport>? progress)
{
    private const string DirectoryPrefix = "backup-sidecar-drill-";

    /// <summary>Locked while its drill goes on.</summary>
    private const string LockName = "running";

    /// <summary>Before hours of work. The directory is the operator's: made here, it would stay, perhaps on the wrong volume.</summary>
    /// <exception cref="OperatorException">The scratch directory does not exist.</exception>
    public void RequireScratch()
    {
        if (!Directory.Exists(scratchDirectory))
        {
            throw NoScratch("it does not exist.", innerException: null);
        }
    }

    /// <returns>What was proved, and warnings that do not speak against it.</returns>
    /// <exception cref="OperatorException">It does not restore, or that could not be found out.</exception>
    public async ValueTask<(PassedDrill Drill, IReadOnlyList<string> Warnings)> ExecuteAsync(string source, CancellationToken ct)
    {
        SweepDead();
        var directory = CreateScratch();
        using var alive = File.Open(Path.Join(directory.FullName, LockName), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        try
        {
            var restore = new RestoreOptions { SourceName = source, OutputPath = Path.Join(directory.FullName, "drill.db"), Workers = workers };
            var result = await new RestoreRun(repository, restore, time, progress).ExecuteAsync(ct);
            var plan = result.Plan!;
            return (new PassedDrill(source, plan.Point.Position, plan.Shape.Bytes, time.GetUtcNow(), result.Duration), result.Warnings);
        }
        catch (OperatorException e) when (e is { Kind: FailureKind.Failed, InnerException: IOException } && e.Message.Contains(directory.FullName, StringComparison.Ordinal))
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"The drill could not be finished, which says nothing about what is stored: {e.Message}",
                "Name a directory with TMPDIR that has room for the database, and run it again.",
                e);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Copies that killed drills left: each as large as a database.</summary>
    private void SweepDead()
    {
        foreach (var directory in Directory.EnumerateDirectories(scratchDirectory, DirectoryPrefix + "*"))
        {
            try
            {
                File.Open(Path.Join(directory, LockName), FileMode.Open, FileAccess.Write, FileShare.None).Dispose();
                Directory.Delete(directory, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is another's, it goes on, or it has just begun.
            }
        }
    }

    private DirectoryInfo CreateScratch()
    {
        try
        {
            return Directory.CreateDirectory(Path.Join(scratchDirectory, $"{DirectoryPrefix}{Guid.NewGuid():N}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NoScratch(e.Message, e);
        }
    }

    private OperatorException NoScratch(string reason, Exception? innerException) => new(
        FailureKind.Failed,
        $"The drill cannot restore to the temporary directory {scratchDirectory}: {reason}",
        "Name a directory with TMPDIR that exists, that this user may write to, and that has room for the database.",
        innerException);
}
