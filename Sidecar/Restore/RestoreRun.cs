using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore.Swap;

namespace BackupSidecar.Restore;

/// <summary>One restore: repository → database file, put in place at the end. Start reading here.</summary>
/// <remarks>
/// (1) Finish or undo what an interrupted restore on this path left  Swap
/// (2) Plan: restore point → chain of packs                          Repository, Chain
/// (3) Assemble a staged file beside the target                      <see cref="StagingRun"/>, Chain, Pack
/// (4) Fingerprint (within 3), then SQLite's own checks              <see cref="DatabaseChecks"/>
/// (5) Swap it in, the old database kept as a safety copy            Swap   ◄ the new database is in place from here on
/// A crash before (5) leaves a staged file, which the next restore of this path removes; within (5) the swap's journal decides.
/// </remarks>
internal sealed class RestoreRun(RestoreOrigins origins, RestoreOptions options, TimeProvider time, IProgress<ProgressReport>? progress)
{
    public RestoreRun(IRepositoryReader repository, RestoreOptions options, TimeProvider time, IProgress<ProgressReport>? progress)
        : this(RestoreOrigins.Of(repository), options, time, progress)
    {
    }

    /// <summary>What would be done. Changes nothing.</summary>
    public ValueTask<PlannedRestore> PlanAsync(CancellationToken ct) => origins.PlanAsync(options.SourceName, options.Choice, isAttended: !options.IfMissing, time, ct);

    public async ValueTask<RestoreResult> ExecuteAsync(CancellationToken ct)
    {
        var started = time.GetTimestamp();

        // (1)
        var recovery = SwapRecovery.FinishOrUndo(options.OutputPath);
        var recovered = recovery.Kind == SwapRecoveryKind.Nothing ? null : recovery.Text;
        var target = SwapPaths.Of(options.OutputPath).Database;
        if (options.IfMissing && File.Exists(target))
        {
            return new RestoreResult(null, null, target, null, time.GetElapsedTime(started), SqliteChecked: false, recovered, []);
        }

        EnsureMayWrite(target);

        if (options is { IfMissing: true, StartEmpty: true } && await origins.HoldNothingYetAsync(options.SourceName, ct))
        {
            return new RestoreResult(null, null, target, null, time.GetElapsedTime(started), SqliteChecked: false, recovered, []) { IsEmptyStart = true };
        }

        // (2)
        var planned = await PlanAsync(ct);

        // (3), (4)
        var restoreId = Guid.NewGuid().ToString("N")[..16];
        var from = planned.Repository.Location;
        var (staged, checks) = await origins.StageAsync(planned, repository =>
        {
            from = repository.Location;
            return new StagingRun(repository, options.SqliteChecks, options.Workers, progress);
        }, target, restoreId, ct);
        using var owned = staged;
        List<string> warnings = [.. checks];

        // (5)
        progress?.Report(new ProgressReport("put in place", 0, 0));
        var swap = await new SwapRun(time, new SwapPatience(), _ => { }).ExecuteAsync(new SwapRequest(target, staged.Path, restoreId, options.AppIsStopped), ct);
        staged.Keep();
        warnings.AddRange(swap.Warnings);
        return new RestoreResult(planned.Plan, from, target, swap.SafetyCopyPath, time.GetElapsedTime(started), options.SqliteChecks, recovered, warnings);
    }

    private void EnsureMayWrite(string target)
    {
        if (File.Exists(target) && !options.Overwrite)
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"{target} exists.",
                "Restore to another path, or pass --overwrite: the old database is then kept beside it as a safety copy.");
        }
    }
}
