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
    private const int SourcesMax = 5_000;

    private const int TextMax = 300;

    private readonly RecordFile<RunRecord> _file = new(path, "how backups and drills have ended", RunRecordJson.Default.RunRecord, syncDirectory: null);
    private readonly Lock _gate = new();

    /// <summary>Held while the file is written, which may take long on a disk that hangs; never together with the other one by those who only look.</summary>
    private readonly Lock _writing = new();

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
        Change(source, runs => Counted(runs, kind, isSuccess: false, TimeSpan.Zero) with { LastFailure = new RunFailure(time.GetUtcNow(), kind, Bound(failure.Message), Bound(failure.Hint)) });

    private static string Bound(string text) => text.Length <= TextMax ? text : $"{text.AsSpan(0, TextMax - 1)}…";

    private SourceRuns Counted(SourceRuns runs, RunKind kind, bool isSuccess, TimeSpan duration) => kind == RunKind.Drill
        ? runs with { Drills = runs.Drills.With(isSuccess, duration, time.GetUtcNow()) }
        : runs with { Backups = runs.Backups.With(isSuccess, duration, time.GetUtcNow()) };

    private void Change(string source, Func<SourceRuns, SourceRuns> change)
    {
        lock (_writing)
        {
            Dictionary<string, SourceRuns> next;
            lock (_gate)
            {
                var sources = Sources_NeedsLock();
                next = sources.Count >= SourcesMax && !sources.ContainsKey(source) ? new(StringComparer.Ordinal) : new(sources, StringComparer.Ordinal);
                next[source] = change(sources.GetValueOrDefault(source) ?? SourceRuns.None);
                _sources = next;
            }

            try
            {
                // Nobody changes it any more: the next change makes another one.
                _file.Write(new RunRecord(RunRecord.CurrentVersion, next));
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
