namespace BackupSidecar.Benchmarks;

/// <summary>All figures of the core, on one database, in one table.</summary>
/// <remarks>
/// The application stays attached: this process holds a connection to the database, so that its -wal and -shm exist as they would beside a running app.
/// Everything is read from a warm page cache, and nothing that ran before is still being written when a run begins.
/// </remarks>
internal sealed class CoreBenchmark(CoreOptions options, TimeProvider time)
{
    private static readonly (Phase Phase, Func<Bench, CancellationToken, Task> Measure)[] Figures =
    [
        (Phase.Program, ProgramFigure.MeasureAsync),
        (Phase.Full, FullBackupFigure.MeasureAsync),
        (Phase.Restore, RestoreFigure.MeasureAsync),
        (Phase.Memory, MemoryFigure.MeasureAsync),

        // These two change the database, so they come last.
        (Phase.Increment, IncrementFigure.MeasureAsync),
        (Phase.Writer, WriterFigure.MeasureAsync),
    ];

    private readonly TextWriter _progress = Console.Error;

    public async Task<Report> RunAsync(CancellationToken ct)
    {
        var tool = new Tool(time);
        using var scratch = new Scratch(options.Scratch, tool);
        await _progress.WriteLineAsync("Program");
        var path = await SidecarProgram.FindOrPublishAsync(options.Binary, tool, scratch, ct);

        await _progress.WriteLineAsync($"Database of {options.SizeMegabytes} MB");
        Directory.CreateDirectory(scratch.PathOf(Bench.DatabaseFolder));
        var database = new SampleDatabase(scratch.PathOf(Path.Combine(Bench.DatabaseFolder, "app.db")));
        database.Create(options.SizeMegabytes * 1_000_000L, ct);
        using var attached = database.OpenAndRead();

        var report = new Report();
        foreach (var fact in await Machine.DescribeAsync(tool, path, scratch.Folder, ct))
        {
            report.AddFact(fact);
        }

        report.AddFact($"a database of {new FileInfo(database.Path).Length / 1_000_000} MB, half text, half random blobs; warm page cache; {options.Runs} interleaved runs, medians");
        var bench = new Bench(options, time, tool, scratch, new SidecarProgram(path, tool, scratch), database, report, _progress);
        foreach (var (phase, measure) in Figures.Where(figure => options.Phases.Contains(figure.Phase)))
        {
            await _progress.WriteLineAsync(phase.ToString());
            await measure(bench, ct);
        }

        return report;
    }
}
