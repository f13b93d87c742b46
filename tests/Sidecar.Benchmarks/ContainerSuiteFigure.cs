namespace BackupSidecar.Benchmarks;

/// <summary>The tests of the images from their start to their end, the making of the images included.</summary>
internal static class ContainerSuiteFigure
{
    private const double MinutesMax = 6;

    public static async Task MeasureAsync(ContainerBench bench, CancellationToken ct)
    {
        var project = Path.Combine(SidecarProgram.SolutionFolder(), "tests", "Containers.Tests");
        bench.Tool.Environment["BACKUPSIDECAR_REQUIRE_CONTAINERS"] = "1";
        bench.Tool.Environment["BACKUPSIDECAR_TEST_BINARY"] = await SidecarProgram.FindOrPublishAsync(bench.Options.Binary, bench.Tool, bench.Scratch, ct);
        _ = await bench.Tool.RunAsync("dotnet", ["build", project, "-c", "Release"], ct);
        var minutes = new Samples();
        minutes.Add((await bench.Tool.RunAsync("dotnet", ["test", "--project", project, "-c", "Release", "--no-build"], ct)).Duration.TotalMinutes);
        bench.Report.AddLimit("the container tests", minutes, MinutesMax, "min", "0.0");
    }
}
