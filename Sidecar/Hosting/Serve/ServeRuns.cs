using BackupSidecar.Following;
using BackupSidecar.Ledger;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Verify;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>What is run beside following: backups that are kept, verifications, drills. How they ended goes into the ledger.</summary>
internal sealed class ServeRuns(ServeSettings settings, SourceSet sources, RunLedger ledger, ILogger log, TimeProvider time)
{
    /// <summary>One source that hangs must not keep the others from theirs for long.</summary>
    private static readonly TimeSpan ScheduledCaptureMax = TimeSpan.FromMinutes(10);

    public async ValueTask<BackupManifest> KeepNewestAsync(SourceStatus source, IReadOnlyList<string> labels, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        try
        {
            settings.Damage.EnsureSound(source.Name);
            var manifest = await settings.KeepNewest(source, labels, ct);
            ledger.Succeeded(source.Name, RunKind.Backup, time.GetElapsedTime(started));
            var (id, position) = (manifest.BackupId.ToString(), manifest.Position.ToString());
            HostingLog.Kept(log, source.Name, id, position);
            return manifest;
        }
        catch (OperatorException e)
        {
            ledger.Failed(source.Name, RunKind.Backup, e);
            throw;
        }
    }

    public async ValueTask<VerifyResult> VerifyAsync(string? source, VerifyLevel level, IProgress<ProgressReport> progress, CancellationToken ct)
    {
        var begun = time.GetUtcNow();
        var options = new VerifyOptions { SourceName = source, Level = level, ScratchDirectory = Path.GetTempPath(), Workers = 1 };
        var result = await new VerifyRun(settings.Repository, options, time, progress).ExecuteAsync(ct);
        foreach (var drill in result.Drills)
        {
            Proved(drill);
        }

        foreach (var (name, damage) in result.DamagedNewest)
        {
            StartAnew(name, new OperatorException(FailureKind.VerificationFailed, damage.Problem.Contains(damage.Object, StringComparison.Ordinal) ? damage.Problem : $"{damage.Object}: {damage.Problem}", damage.Hint), begun);
        }

        if (level >= VerifyLevel.Data && result.IsProved)
        {
            foreach (var name in source is null ? sources.Statuses.Select(status => status.Name) : [source])
            {
                settings.Damage.Proved(name, begun);
            }
        }

        if (level == VerifyLevel.Drill && result.Findings.FirstOrDefault(finding => finding.Kind != VerifyFindingKind.Note) is { } finding)
        {
            var asked = source is null ? sources.Statuses.Where(status => status.Position is not null).Select(status => status.Name) : [source];
            foreach (var name in asked.Except(result.Drills.Select(drill => drill.Source)))
            {
                ledger.Failed(name, RunKind.Drill, new OperatorException(FailureKind.VerificationFailed, $"{finding.Object}: {finding.Problem}", finding.Hint));
            }
        }

        return result;
    }

    /// <summary>A run that is due; its end is in the ledger.</summary>
    /// <exception cref="OperatorException">It failed.</exception>
    public async Task RunScheduledAsync(string source, RunKind kind, CancellationToken ct)
    {
        if (kind == RunKind.Drill)
        {
            await DrillAsync(source, ct);
            return;
        }

        using var late = new CancellationTokenSource(ScheduledCaptureMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        CaptureRequestOutcome? outcome;
        try
        {
            outcome = await sources.CaptureNowAsync(source, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            outcome = null;
        }

        if (outcome == CaptureRequestOutcome.Stored && sources.Statuses.FirstOrDefault(status => status.Name == source) is { Position: not null } stored)
        {
            if (settings.Damage.OpenOf(source) is null && await settings.IsNewestKept(source, ct))
            {
                // Nothing has changed since the last backup.
                ledger.Succeeded(source, RunKind.Backup, TimeSpan.Zero);
                return;
            }

            _ = await KeepNewestAsync(stored, ["scheduled"], ct);
            return;
        }

        var failure = new OperatorException(FailureKind.Failed, $"Source '{source}' cannot be captured now, so that no backup is kept.", "'backup-sidecar status' shows why.");
        ledger.Failed(source, RunKind.Backup, failure);
        throw failure;
    }

    /// <summary>What was found is damaged: a full is made at once, also where nothing has changed.</summary>
    private void StartAnew(string source, OperatorException finding, DateTimeOffset begun)
    {
        if (settings.Damage.Found(source, finding, begun))
        {
            HostingLog.StartsAnew(log, source, finding.Message);
            _ = sources.CaptureNowAsync(source, CancellationToken.None);
        }
    }

    private async Task DrillAsync(string source, CancellationToken ct)
    {
        var begun = time.GetUtcNow();
        try
        {
            var drill = new DrillRun(settings.Repository, Path.GetTempPath(), workers: 1, time, progress: null);
            drill.RequireScratch();
            Proved((await drill.ExecuteAsync(source, ct)).Drill);
        }
        catch (OperatorException e)
        {
            ledger.Failed(source, RunKind.Drill, e);
            if (e is { Kind: FailureKind.VerificationFailed } and not UnsoundDatabaseException)
            {
                StartAnew(source, e, begun);
            }

            throw;
        }
    }

    private void Proved(PassedDrill drill)
    {
        ledger.Succeeded(
            drill.Source, RunKind.Drill, drill.Duration,
            new ProvedRestore(drill.EndedAt, drill.Position.Transaction.Value, drill.Position.Timeline.ToString(), drill.DatabaseBytes, (long)drill.Duration.TotalMilliseconds));
        var (position, duration) = (drill.Position.ToString(), DurationText.Of(TimeSpan.FromMilliseconds(Math.Round(drill.Duration.TotalMilliseconds))));
        HostingLog.Proved(log, drill.Source, position, duration);
    }
}
