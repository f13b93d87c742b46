using BackupSidecar.Primitives;

namespace BackupSidecar.Ledger;

/// <summary>How the runs of the sources have ended, over restarts: <c>runs.json</c> in the state directory.</summary>
/// <remarks>Losing it loses no backup: what cannot be read or written is told once and done without.</remarks>
/// <param name="path">Of the file.</param>
/// <param name="told">Hears why the file cannot be used.</param>
/// <param name="time">The clock.</param>
internal sealed class RunLedger(string path, Action<OperatorException> told, TimeProvider time)
{
    /// <summary>Sources that are gone stay in it; past this many it is begun anew.</summary>
    private const int SourcesMax = 10_000;

    private readonly RecordFile<RunRecord> _file = new(path, "how backups and drills have ended", RunRecordJson.Default.RunRecord, syncDirectory: null);
    private readonly Lock _gate = new();
    private Dictionary<string, SourceRuns>? _sources;

    public SourceRuns Of(string source)
    {
        lock (_gate)
        {
            return Sources_NeedsLock().GetValueOrDefault(source) ?? SourceRuns.None;
        }
    }

    public void Succeeded(string source, RunKind kind, TimeSpan duration, ProvedRestore? proved = null) => Change(source, runs => Counted(runs, kind, isSuccess: true, duration) with { LastProved = proved ?? runs.LastProved });

    public void Failed(string source, RunKind kind, OperatorException failure) =>
        Change(source, runs => Counted(runs, kind, isSuccess: false, TimeSpan.Zero) with { LastFailure = new RunFailure(time.GetUtcNow(), kind, failure.Message, failure.Hint) });

    private SourceRuns Counted(SourceRuns runs, RunKind kind, bool isSuccess, TimeSpan duration) => kind == RunKind.Drill
        ? runs with { Drills = runs.Drills.With(isSuccess, duration, time.GetUtcNow()) }
        : runs with { Backups = runs.Backups.With(isSuccess, duration, time.GetUtcNow()) };

    private void Change(string source, Func<SourceRuns, SourceRuns> change)
    {
        lock (_gate)
        {
            var sources = Sources_NeedsLock();
            if (sources.Count >= SourcesMax && !sources.ContainsKey(source))
            {
                sources.Clear();
            }

            sources[source] = change(sources.GetValueOrDefault(source) ?? SourceRuns.None);
            try
            {
                _file.Write(new RunRecord(RunRecord.CurrentVersion, sources));
            }
            catch (OperatorException e)
            {
                told(e);
            }
        }
    }

    private Dictionary<string, SourceRuns> Sources_NeedsLock()
    {
        if (_sources is null)
        {
            try
            {
                _sources = _file.Read() is { Version: RunRecord.CurrentVersion } record ? new Dictionary<string, SourceRuns>(record.Sources, StringComparer.Ordinal) : [];
            }
            catch (OperatorException e)
            {
                told(e);
                _sources = [];
            }
        }

        return _sources;
    }
}
