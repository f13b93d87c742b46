using System.Globalization;

namespace BackupSidecar.Benchmarks;

/// <summary>An init container that puts the newest restore point into an empty volume.</summary>
internal static class ContainerRestoreFigure
{
    private const string Place = "restore";
    private const double SecondsMax = 1;

    public static async Task MeasureAsync(ContainerBench bench, CancellationToken ct)
    {
        bench.Prepare(Place);
        await RunAsync(bench, ["backup", "--database", "/data/app.db", "--repository", "/backups"], ct);
        var (whole, own) = (new Samples(), new Samples());
        for (var run = 1; run <= bench.Options.Runs; run++)
        {
            bench.Scratch.Remove(Path.Combine(Place, "data", "app.db"));
            await bench.Scratch.SettleAsync(ct);
            var (total, program) = await RunAsync(bench, ["restore", "--repository", "/backups", "--output", "/data/app.db", "--if-missing"], ct);
            whole.Add(total);
            own.Add(program);
            await bench.ProgressAsync($"{run}/{bench.Options.Runs} restore: {total.TotalSeconds:0.000} s");
        }

        bench.Report.AddLimit($"`restore --if-missing` of {bench.Options.SizeMegabytes} MB as an init container, `docker start` to its end", whole, SecondsMax, "s", "0.00");
        bench.Report.Add("of that while its program ran, by the engine's clock", $"{Report.Text(own.Median, "0.00")} s", own.Range("0.00"));
    }

    private static async Task<(TimeSpan Whole, TimeSpan Program)> RunAsync(ContainerBench bench, string[] arguments, CancellationToken ct)
    {
        var container = await bench.Engine.CreateAsync(Place, [], arguments, ct);
        try
        {
            var whole = await bench.Engine.StartAsync(container, toEnd: true, ct);
            var times = (await bench.Engine.InspectAsync(container, "{{.State.StartedAt}} {{.State.FinishedAt}}", ct)).Split(' ');
            return (whole, DateTimeOffset.Parse(times[1], CultureInfo.InvariantCulture) - DateTimeOffset.Parse(times[0], CultureInfo.InvariantCulture));
        }
        finally
        {
            await bench.Engine.RemoveAsync(container);
        }
    }
}
