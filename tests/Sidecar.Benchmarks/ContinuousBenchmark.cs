namespace BackupSidecar.Benchmarks;

/// <summary>The figures of continuous capture: what serve takes until a commit is safe, and what it costs the application beside it.</summary>
/// <remarks>The application is this process: its connection stays attached, and its writers are threads with connections of their own.</remarks>
internal sealed class ContinuousBenchmark(ContinuousOptions options, TimeProvider time)
{
    private static readonly (ContinuousPhase Phase, Func<ContinuousBench, CancellationToken, Task> Measure)[] Figures =
    [
        (ContinuousPhase.Latency, LatencyFigure.MeasureAsync),
        (ContinuousPhase.Writer, ServedWriterFigure.MeasureCommitsAsync),
        (ContinuousPhase.Throughput, ServedWriterFigure.MeasureThroughputAsync),
        (ContinuousPhase.Truncate, ServedWriterFigure.MeasureTruncatesAsync),
        (ContinuousPhase.Pages, PagesFigure.MeasureAsync),
        (ContinuousPhase.Restart, RestartFigure.MeasureAsync),
        (ContinuousPhase.Idle, IdleFigure.MeasureAsync),
        (ContinuousPhase.Written, WrittenFigure.MeasureAsync),
        (ContinuousPhase.Service, ServiceFigure.MeasureAsync),
        (ContinuousPhase.Load, ServiceLoadFigure.MeasureAsync),
        (ContinuousPhase.Downtime, DowntimeFigure.MeasureAsync),
    ];

    private readonly TextWriter _progress = Console.Error;

    public async Task<Report> RunAsync(CancellationToken ct)
    {
        var tool = new Tool(time);
        using var scratch = new Scratch(options.Scratch, tool);
        await _progress.WriteLineAsync("Program");
        var program = await SidecarProgram.FindOrPublishAsync(options.Binary, tool, scratch, ct);

        await _progress.WriteLineAsync($"Database of {options.SizeMegabytes} MB");
        Directory.CreateDirectory(scratch.PathOf(Bench.DatabaseFolder));
        var database = new SampleDatabase(scratch.PathOf(Path.Combine(Bench.DatabaseFolder, "app.db")));
        database.Create(options.SizeMegabytes * 1_000_000L, ct);
        using var app = database.OpenAndRead();

        var report = new Report();
        foreach (var fact in await Machine.DescribeAsync(tool, program, scratch.Folder, ct))
        {
            report.AddFact(fact);
        }

        report.AddFact($"a database of {new FileInfo(database.Path).Length / 1_000_000} MB, half text, half random blobs; warm page cache; journal_mode=WAL, synchronous=NORMAL");
        report.AddFact($"{options.Pairs} interleaved pairs of {options.HalfSeconds} s with and without serve; ratios are medians of the pairs' ratios");
        var bench = new ContinuousBench(options, time, tool, scratch, program, database, app, report, _progress);
        foreach (var (phase, measure) in Figures.Where(figure => options.Phases.Contains(figure.Phase)))
        {
            await _progress.WriteLineAsync(phase.ToString());
            await scratch.SettleAsync(ct);
            await scratch.WarmAsync(Bench.DatabaseFolder, ct);
            await measure(bench, ct);
        }

        return report;
    }
}
