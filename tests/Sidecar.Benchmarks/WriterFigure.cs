namespace BackupSidecar.Benchmarks;

/// <summary>What a full backup costs the application: the 99th percentile of its commits, with and without one running.</summary>
internal static class WriterFigure
{
    private const int CommitsPerSecond = 500;
    private const double FactorMax = 2;
    private const double AddedMillisecondsMax = 10;
    private const string Repository = "writer";

    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(5);

    public static async Task MeasureAsync(Bench bench, CancellationToken ct)
    {
        Samples without = new(), with = new(), rate = new();
        for (var run = 1; run <= bench.Options.Runs; run++)
        {
            without.Add((await WriteDuringAsync(bench, token => Task.Delay(QuietTime, bench.Time, token), rate: null, ct)).At(0.99));
            bench.Sidecar.Remove(Repository);
            await bench.Scratch.SettleAsync(ct);
            with.Add((await WriteDuringAsync(bench, token => bench.Sidecar.BackupAsync(bench.Database.Path, Repository, "light", watchMemory: false, token), rate, ct)).At(0.99));
            await bench.Progress.WriteLineAsync($"  {run}/{bench.Options.Runs} writer's p99: {without.Max:0.00} ms at most without, {with.Max:0.00} ms with a backup");
        }

        bench.Sidecar.Remove(Repository);
        var limit = Math.Max(FactorMax * without.Median, without.Median + AddedMillisecondsMax);
        bench.Report.Add("writer's p99 commit latency at 500 tx/s, alone", $"{Report.Text(without.Median, "0.00")} ms", without.Range("0.00"));
        bench.Report.Add(
            "writer's p99 commit latency during a full backup",
            "≤ 2 × alone, or + 10 ms",
            $"{Report.Text(with.Median, "0.00")} ms",
            with.Range("0.00"),
            Report.Text(with.Median / without.Median, "0.00"),
            with.Median <= limit);
        bench.Report.Add("transactions a second during the backup", Report.Text(rate.Median, "0"), rate.Range("0"));
    }

    private static async Task<Samples> WriteDuringAsync(Bench bench, Func<CancellationToken, Task> work, Samples? rate, CancellationToken ct)
    {
        using var ended = new CancellationTokenSource();
        var began = bench.Time.GetTimestamp();
        var writing = new CommitWriter(bench.Database, CommitsPerSecond, bench.Time).WriteUntilAsync(ended.Token);
        try
        {
            await work(ct);
        }
        finally
        {
            await ended.CancelAsync();
            await writing;
        }

        var latencies = await writing;
        rate?.Add(latencies.Count / bench.Time.GetElapsedTime(began).TotalSeconds);
        return latencies;
    }
}
