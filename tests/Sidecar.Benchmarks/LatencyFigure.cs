namespace BackupSidecar.Benchmarks;

/// <summary>From the moment a commit returns to the line that says it is stored, one commit at a time; a flush of the same disk after each.</summary>
internal static class LatencyFigure
{
    private const int CommitsPerPair = 40;
    private const int FlushedBytes = 4096;
    private const int PauseMillisecondsMax = 40;
    private const string Repository = "latency";

    public static async Task MeasureAsync(ContinuousBench bench, CancellationToken ct)
    {
        Samples latency = new(), flush = new(), compared = new();
        var random = new Random(1);
        await using (var serve = bench.Serve(Repository, "0ms"))
        {
            await serve.CatchUpAsync(bench.Database, bench.App, ct);
            await bench.Scratch.SettleAsync(ct);
            using var file = File.OpenHandle(bench.Scratch.PathOf("flushed"), FileMode.Create, FileAccess.Write);
            for (var commit = 0; commit < CommitsPerPair * bench.Options.Pairs; commit++)
            {
                // Not in step with anything that looks at intervals.
                await Task.Delay(TimeSpan.FromMilliseconds(1 + random.Next(PauseMillisecondsMax)), bench.Time, ct);
                serve.Drain();
                bench.Database.UpdateRandomRows(bench.App, 1);
                var committed = bench.Time.GetTimestamp();
                var stored = await serve.NextAsync(ct);
                var took = bench.Time.GetElapsedTime(committed, stored.At).TotalMilliseconds;
                latency.Add(took);
                if (stored.Method == "compared")
                {
                    compared.Add(took);
                }

                var before = bench.Time.GetTimestamp();
                RandomAccess.Write(file, new byte[FlushedBytes], (long)commit * FlushedBytes);
                RandomAccess.FlushToDisk(file);
                flush.Add(bench.Time.GetElapsedTime(before).TotalMilliseconds);
            }
        }

        bench.Remove(Repository);
        bench.Scratch.Remove("flushed");
        var limit = 10 + (4 * flush.Median);
        bench.Report.Add("write and flush of 4 KiB on the same disk, median", $"{Report.Text(flush.Median, "0.00")} ms", flush.Range("0.00"));
        bench.Report.AddLimit($"commit → restorable, interval 0, median of {latency.Count}", latency, limit, "ms", "0.00");
        bench.Report.Add("commit → restorable, interval 0, p99", "≤ 100 ms", $"{Report.Text(latency.At(0.99), "0.00")} ms", latency.Range("0.00"), "", latency.At(0.99) <= 100);
        bench.Report.Add("captures among them that compared all pages", Report.Text(compared.Count, "0"), "");
    }
}
