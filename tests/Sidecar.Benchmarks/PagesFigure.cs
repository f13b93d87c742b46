using Microsoft.Data.Sqlite;

namespace BackupSidecar.Benchmarks;

/// <summary>A capture of about 600 changed pages from the log, at one size of the database or two: it must not follow the size.</summary>
/// <remarks>From the return of the commit to serve's line at interval 0: waking up, reading, packing and the flushes are in it.</remarks>
internal static class PagesFigure
{
    private const int RowsChanged = 600;
    private const double MillisecondsMax = 30;
    private const double DifferenceMax = 0.2;
    private const string Repository = "pages";
    private const string LargeFolder = "large";

    public static async Task MeasureAsync(ContinuousBench bench, CancellationToken ct)
    {
        var small = await MeasureAsync(bench, bench.Database, bench.App, bench.Options.SizeMegabytes, ct);
        if (bench.Options.LargeMegabytes == 0)
        {
            return;
        }

        bench.Scratch.Remove(LargeFolder);
        Directory.CreateDirectory(bench.Scratch.PathOf(LargeFolder));
        var database = new SampleDatabase(bench.Scratch.PathOf(Path.Combine(LargeFolder, "app.db")));
        database.Create(bench.Options.LargeMegabytes * 1_000_000L, ct);
        using (var app = database.OpenAndRead())
        {
            var large = await MeasureAsync(bench, database, app, bench.Options.LargeMegabytes, ct);
            var ratio = large / small;
            bench.Report.Add("large against small", $"equal within {DifferenceMax:0%}", $"{Report.Text(ratio, "0.00")} ×", "", "", Math.Abs(ratio - 1) <= DifferenceMax);
        }

        bench.Scratch.Remove(LargeFolder);
    }

    private static async Task<double> MeasureAsync(ContinuousBench bench, SampleDatabase database, SqliteConnection app, int megabytes, CancellationToken ct)
    {
        Samples milliseconds = new(), pages = new();
        var others = 0;
        await using (var serve = bench.Serve(Repository, "0ms", database.Path))
        {
            for (var run = 1; run <= 2 * bench.Options.Pairs; run++)
            {
                // The log starts anew with a small commit, so that the large one does not fill it up to the app's own checkpoint.
                SampleDatabase.Checkpoint(app);
                await serve.CatchUpAsync(database, app, ct);
                await bench.Scratch.SettleAsync(ct);
                serve.Drain();
                database.UpdateRandomRows(app, RowsChanged);
                var committed = bench.Time.GetTimestamp();
                var stored = await serve.NextAsync(ct);
                if (stored.Method == "Wal")
                {
                    milliseconds.Add(bench.Time.GetElapsedTime(committed, stored.At).TotalMilliseconds);
                    pages.Add(stored.Pages);
                }
                else
                {
                    others++;
                }
            }
        }

        bench.Remove(Repository);
        bench.Report.AddLimit($"capture of {RowsChanged} changed rows from the log, {megabytes} MB", milliseconds, MillisecondsMax, "ms", "0.0");
        bench.Report.Add($"pages in it, {megabytes} MB (captures another way, left out: {others})", Report.Text(pages.Median, "0"), pages.Range("0"));
        return milliseconds.Median;
    }
}
