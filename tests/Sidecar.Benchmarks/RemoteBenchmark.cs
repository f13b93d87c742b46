namespace BackupSidecar.Benchmarks;

/// <summary>The figures of a repository beside the local one: in the Drive emulator as a process of its own, and in a directory.</summary>
internal sealed class RemoteBenchmark(RemoteOptions options, TimeProvider time)
{
    private static readonly (RemotePhase Phase, Func<RemoteBench, CancellationToken, Task> Measure)[] Figures =
    [
        (RemotePhase.Full, RemoteFullFigure.MeasureAsync),
        (RemotePhase.Link, RemoteLinkFigure.MeasureAsync),
        (RemotePhase.Attach, RemoteAttachFigure.MeasureAsync),
        (RemotePhase.Idle, RemoteRequestsFigure.MeasureIdleAsync),
        (RemotePhase.Busy, RemoteRequestsFigure.MeasureBusyAsync),
    ];

    private readonly TextWriter _progress = Console.Error;

    public async Task<Report> RunAsync(CancellationToken ct)
    {
        var tool = new Tool(time);
        using var scratch = new Scratch(options.Scratch, tool);
        await _progress.WriteLineAsync("Programs");
        var program = await SidecarProgram.FindOrPublishAsync(options.Binary, tool, scratch, ct);
        var emulator = await DriveProcess.FindOrBuildAsync(options.Emulator, tool, scratch, ct);

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

        report.AddFact($"a database of {new FileInfo(database.Path).Length / 1_000_000} MB, half text, half random blobs; warm page cache; the Drive emulator as a process of its own on the same machine");
        var bench = new RemoteBench(options, time, tool, scratch, program, emulator, database, app, report, _progress);
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
