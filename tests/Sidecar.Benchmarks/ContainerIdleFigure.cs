using System.Globalization;

namespace BackupSidecar.Benchmarks;

/// <summary>Memory that the kernel counts for a container in which serve has nothing to do: what is charged to it, less the file pages that can be dropped at once.</summary>
internal static class ContainerIdleFigure
{
    private const string Place = "idle";
    private const double MegabytesMax = 65;
    private const int Looks = 10;

    private static readonly (string Unit, double Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

    public static async Task MeasureAsync(ContainerBench bench, CancellationToken ct)
    {
        await MeasureAsync(bench, "memory of an idle `serve`, 1 source", [], ct);
        await MeasureAsync(bench, "the same with metrics", ["--monitor-listen", "0.0.0.0:8080"], ct);
    }

    private static async Task MeasureAsync(ContainerBench bench, string figure, string[] more, CancellationToken ct)
    {
        bench.Prepare(Place);
        await ForgetProgramAsync(bench, ct);
        var container = await bench.Engine.CreateAsync(Place, [], ["serve", "--database", "/data/app.db", "--repository", "/backups", .. more], ct);
        var megabytes = new Samples();
        try
        {
            _ = await bench.Engine.StartAsync(container, toEnd: false, ct);
            await Task.Delay(TimeSpan.FromSeconds(bench.Options.SettleSeconds), bench.Time, ct);
            for (var look = 0; look < Looks; look++)
            {
                // USED / LIMIT. By its manual the command takes the inactive file pages off.
                megabytes.Add(Bytes((await bench.Engine.DockerAsync(["stats", "--no-stream", "--format", "{{.MemUsage}}", container], ct)).Split(' ')[0]) / 1e6);
            }
        }
        finally
        {
            await bench.Engine.RemoveAsync(container);
        }

        bench.Report.AddLimit(figure, megabytes, MegabytesMax, "MB", "0.0");
    }

    /// <summary>The first container of a host pays for the pages of the program's file; a later one that finds them in memory would look 25 MB smaller.</summary>
    private static async Task ForgetProgramAsync(ContainerBench bench, CancellationToken ct)
    {
        var layer = await bench.Engine.InspectAsync(bench.Engine.Image, "{{.GraphDriver.Data.UpperDir}}", ct);
        _ = await bench.Tool.ShellAsync($"set -e; for file in '{layer}'/app/*; do dd if=\"$file\" iflag=nocache count=0 status=none; done", ct);
    }

    private static double Bytes(string text)
    {
        var (unit, bytes) = Units.Single(known => text.EndsWith(known.Unit, StringComparison.Ordinal));
        return double.Parse(text[..^unit.Length], CultureInfo.InvariantCulture) * bytes;
    }
}
