namespace BackupSidecar.Benchmarks;

/// <summary>How fast the program starts and how large it is.</summary>
internal static class ProgramFigure
{
    private const int RunsPerRun = 4;
    private const double BytesMax = 32e6;

    public static async Task MeasureAsync(Bench bench, CancellationToken ct)
    {
        var help = new Samples();
        await bench.Sidecar.HelpAsync(ct);
        for (var run = 0; run < RunsPerRun * bench.Options.Runs; run++)
        {
            help.Add((await bench.Sidecar.HelpAsync(ct)).Duration.TotalMilliseconds);
        }

        var size = new Samples();
        size.Add(new FileInfo(bench.Sidecar.Path).Length / 1e6);
        bench.Report.AddLimit("`backup-sidecar --help`", help, 50, "ms", "0.0");
        bench.Report.AddLimit("size of the executable", size, BytesMax / 1e6, "MB", "0.0");
    }
}
