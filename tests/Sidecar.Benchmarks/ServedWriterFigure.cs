namespace BackupSidecar.Benchmarks;

/// <summary>What serve costs the application: the same writer with it and without it, in turns.</summary>
internal static class ServedWriterFigure
{
    private const int CommitsPerSecond = 500;
    private const int CommitsPerTruncate = 5000;
    private const double LatencyRatioMax = 1.1;
    private const double RateRatioMin = 0.95;
    private const double AddedStallMillisecondsMax = 20;
    private const string Repository = "served";
    private const string Interval = "100ms";

    public static async Task MeasureCommitsAsync(ContinuousBench bench, CancellationToken ct)
    {
        Samples without = new(), with = new(), ratios = new();
        await MeasurePairsAsync(bench, new CommitWriter(bench.Database, CommitsPerSecond, bench.Time), (alone, served) =>
        {
            without.Add(alone.At(0.99));
            with.Add(served.At(0.99));
            ratios.Add(served.At(0.99) / alone.At(0.99));
            return $"p99 {alone.At(0.99):0.000} ms without, {served.At(0.99):0.000} ms with";
        }, ct);

        bench.Report.Add("app's p99 commit latency at 500 tx/s, without serve", $"{Report.Text(without.Median, "0.000")} ms", without.Range("0.000"));
        bench.Report.Add(
            "app's p99 commit latency at 500 tx/s, with serve", $"ratio ≤ {Report.Text(LatencyRatioMax, "0.##")}", $"{Report.Text(with.Median, "0.000")} ms", with.Range("0.000"),
            $"{Report.Text(ratios.Median, "0.00")} ({ratios.Range("0.00")})", ratios.Median <= LatencyRatioMax);
    }

    public static Task MeasureThroughputAsync(ContinuousBench bench, CancellationToken ct) =>
        MeasureFlatOutAsync(bench, new CommitWriter(bench.Database, CommitWriter.FlatOut, bench.Time), "flat out", AddedStallMillisecondsMax, ct);

    /// <summary>There is no goal in milliseconds here: a checkpoint that waits for readers waits for what we read, at most the read budget.</summary>
    public static Task MeasureTruncatesAsync(ContinuousBench bench, CancellationToken ct) => MeasureFlatOutAsync(
        bench, new CommitWriter(bench.Database, CommitWriter.FlatOut, bench.Time) { CommitsPerTruncate = CommitsPerTruncate }, "flat out with TRUNCATE checkpoints", addedStallMax: null, ct);

    private static async Task MeasureFlatOutAsync(ContinuousBench bench, CommitWriter writer, string load, double? addedStallMax, CancellationToken ct)
    {
        Samples without = new(), with = new(), ratios = new(), stallsWithout = new(), stallsWith = new(), addedStalls = new();
        await MeasurePairsAsync(bench, writer, (alone, served) =>
        {
            without.Add(Rate(bench, alone));
            with.Add(Rate(bench, served));
            ratios.Add((double)served.Count / alone.Count);
            stallsWithout.Add(alone.Max);
            stallsWith.Add(served.Max);
            addedStalls.Add(served.Max - alone.Max);
            return $"{Rate(bench, alone):0} tx/s without, {Rate(bench, served):0} with; worst {alone.Max:0.0} and {served.Max:0.0} ms";
        }, ct);

        bench.Report.Add($"app's throughput {load}, without serve", $"{Report.Text(without.Median, "0")} tx/s", without.Range("0"));
        bench.Report.Add(
            $"app's throughput {load}, with serve", $"ratio ≥ {Report.Text(RateRatioMin, "0.##")}", $"{Report.Text(with.Median, "0")} tx/s", with.Range("0"),
            $"{Report.Text(ratios.Median, "0.00")} ({ratios.Range("0.00")})", ratios.Median >= RateRatioMin);
        bench.Report.Add($"worst stall {load}, without serve", $"{Report.Text(stallsWithout.Median, "0.0")} ms", stallsWithout.Range("0.0"));
        bench.Report.Add($"worst stall {load}, with serve", $"{Report.Text(stallsWith.Median, "0.0")} ms", stallsWith.Range("0.0"));
        if (addedStallMax is { } limit)
        {
            bench.Report.AddLimit($"added to the worst stall {load}", addedStalls, limit, "ms", "0.0");
        }
        else
        {
            bench.Report.Add($"added to the worst stall {load}", $"{Report.Text(addedStalls.Median, "0.0")} ms", addedStalls.Range("0.0"));
        }
    }

    private static double Rate(ContinuousBench bench, Samples commits) => (double)commits.Count / bench.Options.HalfSeconds;

    /// <summary>Every second pair goes backwards. A half with serve begins when serve is in step.</summary>
    private static async Task MeasurePairsAsync(ContinuousBench bench, CommitWriter writer, Func<Samples, Samples, string> add, CancellationToken ct)
    {
        for (var pair = 1; pair <= bench.Options.Pairs; pair++)
        {
            Samples alone, served;
            if (pair % 2 == 1)
            {
                alone = await WriteAsync(bench, writer, ct);
                served = await WriteServedAsync(bench, writer, ct);
            }
            else
            {
                served = await WriteServedAsync(bench, writer, ct);
                alone = await WriteAsync(bench, writer, ct);
            }

            await bench.ProgressAsync($"{pair}/{bench.Options.Pairs} {add(alone, served)}");
        }

        bench.Remove(Repository);
    }

    private static async Task<Samples> WriteServedAsync(ContinuousBench bench, CommitWriter writer, CancellationToken ct)
    {
        await using var serve = bench.Serve(Repository, Interval);
        await serve.CatchUpAsync(bench.Database, bench.App, ct);
        return await WriteAsync(bench, writer, ct);
    }

    private static async Task<Samples> WriteAsync(ContinuousBench bench, CommitWriter writer, CancellationToken ct)
    {
        await bench.Scratch.SettleAsync(ct);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        ended.CancelAfter(TimeSpan.FromSeconds(bench.Options.HalfSeconds));
        return await writer.WriteUntilAsync(ended.Token);
    }
}
