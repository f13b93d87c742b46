namespace BackupSidecar.Benchmarks;

/// <summary>The figures of the image in a container engine.</summary>
internal sealed class ContainerBenchmark(ContainerOptions options, TimeProvider time)
{
    private static readonly (ContainerPhase Phase, Func<ContainerBench, CancellationToken, Task> Measure)[] Figures =
    [
        (ContainerPhase.Size, ContainerSizeFigure.MeasureAsync),
        (ContainerPhase.Start, ContainerStartFigure.MeasureAsync),
        (ContainerPhase.Restore, ContainerRestoreFigure.MeasureAsync),
        (ContainerPhase.Idle, ContainerIdleFigure.MeasureAsync),
        (ContainerPhase.Suite, ContainerSuiteFigure.MeasureAsync),
    ];

    private readonly TextWriter _progress = Console.Error;

    public async Task<Report> RunAsync(CancellationToken ct)
    {
        var tool = new Tool(time);
        using var scratch = new Scratch(options.Scratch, tool);
        var user = await IdAsync(tool, "-u", ct) + ":" + await IdAsync(tool, "-g", ct);
        var engine = new ContainerEngine(options.Image, user, tool, scratch);
        await EnsureImageAsync(engine, ct);

        await _progress.WriteLineAsync($"Database of {options.SizeMegabytes} MB");
        Directory.CreateDirectory(scratch.PathOf(Bench.DatabaseFolder));
        var database = new SampleDatabase(scratch.PathOf(Path.Combine(Bench.DatabaseFolder, "app.db")));
        database.Create(options.SizeMegabytes * 1_000_000L, ct);

        var report = new Report();
        var server = await engine.DockerAsync(["version", "--format", "{{.Server.Version}}"], ct);
        var program = await engine.DockerAsync(["run", "--rm", options.Image, "--version"], ct);
        var load = (await File.ReadAllTextAsync("/proc/loadavg", ct)).Split(' ')[0];
        report.AddFact($"{Environment.ProcessorCount} cores, with a load of {load} before the first figure; Docker {server}; {options.Image}, whose program says {program}");
        report.AddFact($"a database of {new FileInfo(database.Path).Length / 1_000_000} MB that nobody writes to");
        var bench = new ContainerBench(options, time, tool, scratch, engine, database, report, _progress);
        foreach (var (phase, measure) in Figures.Where(figure => options.Phases.Contains(figure.Phase)))
        {
            await _progress.WriteLineAsync(phase.ToString());
            await scratch.SettleAsync(ct);
            await measure(bench, ct);
        }

        return report;
    }

    private static async Task<string> IdAsync(Tool tool, string which, CancellationToken ct) => (await tool.RunAsync("id", [which], ct)).Output.Trim();

    private static async Task EnsureImageAsync(ContainerEngine engine, CancellationToken ct)
    {
        try
        {
            _ = await engine.DockerAsync(["image", "inspect", engine.Image], ct);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"The engine has no image {engine.Image}: build one (docker build -t NAME .) and name it with --image, or run the container tests, which leave theirs.", e);
        }
    }
}
