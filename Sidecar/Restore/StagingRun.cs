using BackupSidecar.Chain;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Restore;

/// <summary>Assembles the database of a plan in a file beside its target, and checks it.</summary>
internal sealed class StagingRun(IRepositoryReader repository, bool sqliteChecks, int workers, IProgress<ProgressReport>? progress)
{
    /// <param name="plan">What to assemble.</param>
    /// <param name="target">Where the database belongs, links followed.</param>
    /// <param name="restoreId">Names the file.</param>
    /// <param name="ct">Ends it; the file is removed.</param>
    /// <returns>The file, on the disk and checked, and warnings for the operator.</returns>
    /// <exception cref="OperatorException">There is no room, or what is stored or what comes out is damaged; the file is removed.</exception>
    public async ValueTask<(StagedDatabase Staged, IReadOnlyList<string> Warnings)> ExecuteAsync(RestorePlan plan, string target, string restoreId, CancellationToken ct)
    {
        var staged = StagedDatabase.Create(target, restoreId);
        try
        {
            await AssembleAsync(plan, staged, ct);
            List<string> warnings = [];
            if (sqliteChecks)
            {
                progress?.Report(new ProgressReport("check with SQLite", 0, 0));
                warnings.AddRange(DatabaseChecks.Run(staged.Path, $"position {plan.Point.Position}", ct));
            }

            if (DatabaseChecks.HoldsMigrationsLock(staged.Path))
            {
                warnings.Add("The database was captured while migrations of Entity Framework ran: its table __EFMigrationsLock holds a row, and the next migration waits for it. Delete the row before the app starts, or restore an older point.");
            }

            return (staged, warnings);
        }
        catch
        {
            staged.Dispose();
            throw;
        }
    }

    private async ValueTask AssembleAsync(RestorePlan plan, StagedDatabase staged, CancellationToken ct)
    {
        try
        {
            await using var chain = await ChainReader.OpenAsync(repository, plan.Chain, ct);
            await new ImageAssembler(chain, staged.File, workers, progress).RunAsync(ct);
            staged.Complete();
        }
        catch (IOException e)
        {
            throw new StagingPlaceException(
                $"Writing {staged.Path} failed: {e.Message}",
                $"The database needs {plan.Shape.Bytes} bytes free beside its target. Nothing was put in place.",
                e);
        }
    }
}
