using Microsoft.Data.Sqlite;

namespace BackupSidecar.Benchmarks;

/// <summary>A capture of about 600 changed pages from the log, at one size of the database or, in turns, at two: it must not follow the size.</summary>
/// <remarks>From the return of the commit to serve's line at interval 0: waking up, reading, packing and the flushes are in it.</remarks>
internal static class PagesFigure
{
    private const int RowsChanged = 600;
    private const double MillisecondsMax = 30;
    private const double DifferenceMax = 0.2;
    private const string LargeFolder = "large";

    public static async Task MeasureAsync(ContinuousBench bench, CancellationToken ct)
    {
        var small = new Size(bench.Database, bench.App, bench.Options.SizeMegabytes, "pages");
        if (bench.Options.LargeMegabytes == 0)
        {
            await MeasureAsync(bench, [small], ct);
            return;
        }

        Directory.CreateDirectory(bench.Scratch.PathOf(LargeFolder));
        var database = new SampleDatabase(bench.Scratch.PathOf(Path.Combine(LargeFolder, "app.db")));
        database.Create(bench.Options.LargeMegabytes * 1_000_000L, ct);
        using (var app = database.OpenAndRead())
        {
            var large = new Size(database, app, bench.Options.LargeMegabytes, "pages-large");
            await MeasureAsync(bench, [small, large], ct);
            var ratio = large.Milliseconds.Median / small.Milliseconds.Median;
            bench.Report.Add("large against small", $"equal within {DifferenceMax:0%}", $"{Report.Text(ratio, "0.00")} ×", "", "", Math.Abs(ratio - 1) <= DifferenceMax);
        }

        bench.Scratch.Remove(LargeFolder);
    }

    private static async Task MeasureAsync(ContinuousBench bench, IReadOnlyList<Size> sizes, CancellationToken ct)
    {
        try
        {
            foreach (var size in sizes)
            {
                size.Serve = bench.Serve(size.Repository, "0ms", size.Database.Path);
                await size.Serve.CatchUpAsync(size.Database, size.App, ct);
                await bench.ProgressAsync($"{size.Megabytes} MB are followed");
            }

            for (var run = 1; run <= 2 * bench.Options.Pairs; run++)
            {
                foreach (var size in run % 2 == 1 ? sizes : sizes.Reverse())
                {
                    await CaptureAsync(bench, size, ct);
                }
            }
        }
        finally
        {
            foreach (var size in sizes)
            {
                await (size.Serve?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
        }

        foreach (var size in sizes)
        {
            bench.Remove(size.Repository);
            bench.Report.AddLimit($"capture of {RowsChanged} changed rows from the log, {size.Megabytes} MB, {size.Milliseconds.Count} times", size.Milliseconds, MillisecondsMax, "ms", "0.0");
            bench.Report.Add($"pages in it, {size.Megabytes} MB (captures another way, left out: {size.Others})", Report.Text(size.Pages.Median, "0"), size.Pages.Range("0"));
        }
    }

    private static async Task CaptureAsync(ContinuousBench bench, Size size, CancellationToken ct)
    {
        // The log starts anew with a small commit, so that the large one does not fill it up to the app's own checkpoint.
        SampleDatabase.Checkpoint(size.App);
        await size.Serve!.CatchUpAsync(size.Database, size.App, ct);
        await bench.Scratch.SettleAsync(ct);
        size.Serve.Drain();
        size.Database.UpdateRandomRows(size.App, RowsChanged);
        var committed = bench.Time.GetTimestamp();
        var stored = await size.Serve.NextAsync(ct);
        if (stored.Method == "Wal")
        {
            size.Milliseconds.Add(bench.Time.GetElapsedTime(committed, stored.At).TotalMilliseconds);
            size.Pages.Add(stored.Pages);
        }
        else
        {
            size.Others++;
        }
    }

    private sealed record Size(SampleDatabase Database, SqliteConnection App, int Megabytes, string Repository)
    {
        public ServeProcess? Serve { get; set; }

        public Samples Milliseconds { get; } = new();

        public Samples Pages { get; } = new();

        public int Others { get; set; }
    }
}
