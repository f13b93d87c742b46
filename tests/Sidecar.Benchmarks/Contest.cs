namespace BackupSidecar.Benchmarks;

/// <summary>Several ways to do the same, run in turns so that what disturbs the machine disturbs all of them.</summary>
/// <remarks>Every second round goes backwards (A, B, C, C, B, A, …): a disk is slower after a run that wrote much, and that must not always hit the same one.</remarks>
internal sealed class Contest(Scratch scratch, TextWriter progress)
{
    private readonly List<(string Name, Func<CancellationToken, Task> Prepare, Func<CancellationToken, Task<TimeSpan>> Run)> _entrants = [];
    private readonly Dictionary<string, Samples> _seconds = [];

    /// <summary>The measurements of an entrant; none if it did not take part.</summary>
    public Samples this[string name] => _seconds.GetValueOrDefault(name) ?? new Samples();

    /// <param name="prepare">Not timed: empties what the run fills, warms what it reads.</param>
    /// <param name="takesPart">False leaves it out: its program is not installed.</param>
    public void Enter(string name, Func<CancellationToken, Task> prepare, Func<CancellationToken, Task<TimeSpan>> run, bool takesPart = true)
    {
        if (!takesPart)
        {
            return;
        }

        _entrants.Add((name, prepare, run));
        _seconds.Add(name, new Samples());
    }

    public async Task RunAsync(int rounds, CancellationToken ct)
    {
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (name, prepare, run) in round % 2 == 1 ? _entrants : _entrants.AsEnumerable().Reverse())
            {
                await prepare(ct);
                await scratch.SettleAsync(ct);
                var duration = await run(ct);
                _seconds[name].Add(duration);
                await progress.WriteLineAsync($"  {round}/{rounds} {name}: {duration.TotalSeconds:0.000} s");
            }
        }
    }

    /// <summary>Rows without a goal, for those of the named that took part.</summary>
    public void DescribePeers(Report report, params string[] names)
    {
        foreach (var name in names.Where(name => !this[name].IsEmpty))
        {
            report.Add(name, $"{Report.Text(this[name].Median, "0.00")} s", this[name].Range("0.00"));
        }
    }
}
