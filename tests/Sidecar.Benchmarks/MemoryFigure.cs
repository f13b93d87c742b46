namespace BackupSidecar.Benchmarks;

/// <summary>The anonymous memory of a full backup and of a restore, at one size or two: it must not follow the size of the database.</summary>
internal static class MemoryFigure
{
    private const double MegabytesMax = 100;
    private const string Repository = "memory";

    /// <summary>"Equal" allows for the noise of looking only every few milliseconds.</summary>
    private const double GrowthMax = 1.25;

    public static async Task MeasureAsync(Bench bench, CancellationToken ct)
    {
        var small = await MeasureAsync(bench, bench.Database.Path, bench.Options.SizeMegabytes, bench.Options.Runs, ct);
        if (bench.Options.LargeMegabytes == 0)
        {
            return;
        }

        bench.Scratch.Remove("large");
        Directory.CreateDirectory(bench.Scratch.PathOf("large"));
        var database = new SampleDatabase(bench.Scratch.PathOf("large/app.db"));
        database.Create(bench.Options.LargeMegabytes * 1_000_000L, ct);
        using (database.OpenAndRead())
        {
            var large = await MeasureAsync(bench, database.Path, bench.Options.LargeMegabytes, runs: 1, ct);
            var growth = large / small;
            bench.Report.Add("growth of memory between the two sizes", $"equal (≤ {Report.Text(GrowthMax, "0.##")} ×)", $"{Report.Text(growth, "0.00")} ×", "", "", growth <= GrowthMax);
        }

        bench.Scratch.Remove("large");
    }

    /// <returns>The larger median of backup and restore.</returns>
    private static async Task<double> MeasureAsync(Bench bench, string database, int megabytes, int runs, CancellationToken ct)
    {
        Samples backup = new(), restore = new();
        for (var run = 1; run <= runs; run++)
        {
            bench.Sidecar.Remove(Repository);
            bench.Scratch.Remove("restored");
            backup.Add((await bench.Sidecar.BackupAsync(database, Repository, "light", watchMemory: true, ct)).PeakAnonymousBytes / 1e6);
            restore.Add((await bench.Sidecar.RestoreAsync(Repository, "restored", sqliteChecks: true, watchMemory: true, ct)).PeakAnonymousBytes / 1e6);
            await bench.Progress.WriteLineAsync($"  {run}/{runs} memory at {megabytes} MB: {backup.Max:0.0} and {restore.Max:0.0} MB");
        }

        bench.Sidecar.Remove(Repository);
        bench.Scratch.Remove("restored");
        bench.Report.AddLimit($"peak anonymous memory of a full backup, {megabytes} MB", backup, MegabytesMax, "MB", "0.0");
        bench.Report.AddLimit($"peak anonymous memory of a restore with checks, {megabytes} MB", restore, MegabytesMax, "MB", "0.0");
        return Math.Max(backup.Median, restore.Median);
    }
}
