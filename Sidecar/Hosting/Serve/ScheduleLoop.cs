using BackupSidecar.Following;
using BackupSidecar.Ledger;
using BackupSidecar.Policies;
using BackupSidecar.Primitives;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>Runs that come at an interval: backups that are kept, and drills. One at a time in the whole process.</summary>
/// <param name="definitions">The sources as they are configured.</param>
/// <param name="ledger">When runs ended last.</param>
/// <param name="run">Makes a run; its end goes into the ledger.</param>
/// <param name="log">For failures.</param>
/// <param name="time">The clock.</param>
internal sealed class ScheduleLoop(Func<IReadOnlyList<SourceDefinition>> definitions, RunLedger ledger, Func<string, RunKind, CancellationToken, Task> run, ILogger log, TimeProvider time)
{
    /// <summary>How often it is looked whether something is due. A look asks neither disk nor repository.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private readonly DateTimeOffset _begun = time.GetUtcNow();

    /// <summary>What is due when, soonest first.</summary>
    public IReadOnlyList<NextRun> NextOf(string source) => definitions().FirstOrDefault(definition => definition.Name == source) is { IsFollowed: true } found
        ? [.. RunsOf(found).OrderBy(due => due.At).Select(due => new NextRun(RunKindText.Of(due.Kind), due.At))]
        : [];

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                foreach (var (source, kind) in definitions().Where(definition => definition.IsFollowed).SelectMany(definition => RunsOf(definition).Select(due => (definition.Name, Due: due)))
                    .Where(run => run.Due.At <= time.GetUtcNow()).Select(run => (run.Name, run.Due.Kind)).ToList())
                {
                    await RunAsync(source, kind, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end.
        }
    }

    private IEnumerable<(RunKind Kind, DateTimeOffset At)> RunsOf(SourceDefinition definition)
    {
        var runs = ledger.Of(definition.Name);
        foreach (var (kind, every, totals) in ((RunKind, TimeSpan, RunTotals)[])[(RunKind.Backup, definition.BackupEvery, runs.Backups), (RunKind.Drill, definition.DrillEvery, runs.Drills)])
        {
            if (every > TimeSpan.Zero)
            {
                yield return (kind, RunSchedule.Next(every, totals.LastSuccessAt, totals.LastFailureAt, _begun));
            }
        }
    }

    private async Task RunAsync(string source, RunKind kind, CancellationToken stop)
    {
        try
        {
            await run(source, kind, stop);
        }
        catch (Exception e) when (e is not OutOfMemoryException && !stop.IsCancellationRequested)
        {
            var what = RunKindText.Of(kind);
            HostingLog.ScheduledRunFailed(log, e, source, what, e.Message);
            if (e is not OperatorException)
            {
                // So that it is not tried again at once.
                ledger.Failed(source, kind, new OperatorException(FailureKind.Failed, e.Message, "This is a mistake in this program, please report it with the log at level debug."));
            }
        }
    }
}
