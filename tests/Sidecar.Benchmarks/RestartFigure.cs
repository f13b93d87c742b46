namespace BackupSidecar.Benchmarks;

/// <summary>From the start of a serve that was killed to the line that says it has caught up with what the app wrote meanwhile.</summary>
internal static class RestartFigure
{
    private const int RowsChanged = 50;
    private const string Repository = "restart";

    public static async Task MeasureAsync(ContinuousBench bench, CancellationToken ct)
    {
        Samples log = new(), compared = new();
        for (var run = 1; run <= bench.Options.Pairs; run++)
        {
            await MeasureAsync(bench, isLogKept: true, log, compared, ct);
            await MeasureAsync(bench, isLogKept: false, log, compared, ct);
            await bench.ProgressAsync($"{run}/{bench.Options.Pairs} restart: {log.Count} from the log, {compared.Count} by comparing pages");
        }

        bench.Remove(Repository);
        bench.Report.AddLimit("restart after SIGKILL until caught up, from the log", log, 0.2, "s", "0.000");
        bench.Report.AddLimit("restart after SIGKILL until caught up, comparing pages", compared, 1, "s", "0.000");
        bench.Report.Add("restarts from the log, by comparing pages", $"{log.Count}, {compared.Count}", "");
    }

    private static async Task MeasureAsync(ContinuousBench bench, bool isLogKept, Samples log, Samples compared, CancellationToken ct)
    {
        await using (var before = bench.Serve(Repository, "0ms"))
        {
            SampleDatabase.Checkpoint(bench.App);
            await before.CatchUpAsync(bench.Database, bench.App, ct);
            await before.KillAsync();
        }

        bench.Database.UpdateRandomRows(bench.App, RowsChanged);
        for (var reset = 0; reset < 2 && !isLogKept; reset++)
        {
            // Started anew twice: nothing is left from which to go on.
            SampleDatabase.Truncate(bench.App);
            bench.Database.UpdateRandomRows(bench.App, 1);
        }

        await bench.Scratch.SettleAsync(ct);
        await bench.Scratch.WarmAsync(Bench.DatabaseFolder, ct);
        await using var serve = bench.Serve(Repository, "0ms");
        var stored = await serve.NextAsync(ct);
        (stored.Method == "Wal" ? log : compared).Add(bench.Time.GetElapsedTime(serve.StartedAt, stored.At));
    }
}
