using System.Globalization;

namespace BackupSidecar.Benchmarks;

/// <summary>Bytes of all packs that were published under mixed load, merged ones too and fulls apart, for each MB of pages that differ in the end.</summary>
/// <remarks>
/// Twenty commits a second: changes of one random row, a new row once a second, and a transaction of many rows now and then. A pack stays for at least ten
/// minutes after it is superseded, so that a listing every minute misses none; its name says whether it is a full, a capture, or merged. The load begins at a
/// quarter hour, so that an hour of it is four spans of the level that writes most, and the merges of the last span are waited for.
/// </remarks>
internal static class WrittenFigure
{
    private const int CommitsPerSecond = 20;
    private const int CommitsPerNewRow = 20;
    private const int RowsOfBurst = 300;
    private const int PageBytes = 4096;
    private const double RatioMax = 2;
    private const int FieldOfTo = 0;
    private const int FieldOfFrom = 2;
    private const string Repository = "written";

    private static readonly TimeSpan ListingPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TimeForLastMerges = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan BurstPeriod = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(ContinuousBench bench, CancellationToken ct)
    {
        var lengths = new Dictionary<string, long>();
        HashSet<string> before;
        await using (var serve = bench.Serve(Repository, "100ms"))
        {
            await serve.CatchUpAsync(bench.Database, bench.App, ct);
            await CopyDatabaseAsync(bench, "before.db", ct);
            List(bench, lengths);
            before = [.. lengths.Keys];
            await WaitForQuarterHourAsync(bench, ct);
            await WriteMixedLoadAsync(bench, lengths, ct);
            await Task.Delay(TimeForLastMerges, bench.Time, ct);
            await serve.CatchUpAsync(bench.Database, bench.App, ct);
        }

        List(bench, lengths);
        await CopyDatabaseAsync(bench, "after.db", ct);
        var distinct = CountDifferentPages(bench.Scratch.PathOf("before.db"), bench.Scratch.PathOf("after.db")) * PageBytes / 1e6;
        var added = lengths.Where(pack => !before.Contains(pack.Key)).ToList();
        var captures = added.Where(pack => SpanOf(pack.Key) == 1).Sum(pack => pack.Value) / 1e6;
        var merged = added.Where(pack => SpanOf(pack.Key) > 1).Sum(pack => pack.Value) / 1e6;
        var written = captures + merged;
        var fulls = added.Where(pack => SpanOf(pack.Key) is null).Sum(pack => pack.Value) / 1e6;
        bench.Remove(Repository);
        bench.Scratch.Remove("before.db");
        bench.Scratch.Remove("after.db");

        var load = $"over {bench.Options.Minutes} min of mixed load";
        bench.Report.Add($"distinct changed pages {load}", $"{Report.Text(distinct, "0.0")} MB", "");
        bench.Report.Add($"captures written {load}", $"{Report.Text(captures, "0.0")} MB in {added.Count(pack => SpanOf(pack.Key) == 1)} packs", "");
        bench.Report.Add($"merged packs written {load}", $"{Report.Text(merged, "0.0")} MB in {added.Count(pack => SpanOf(pack.Key) > 1)} packs", "");
        bench.Report.Add($"fulls written {load}", $"{Report.Text(fulls, "0.0")} MB", "");
        bench.Report.Add("bytes written for each byte of distinct changed pages", $"≤ {Report.Text(RatioMax, "0.0")}", Report.Text(written / distinct, "0.00"), "", "", written / distinct <= RatioMax);
    }

    private static async Task WaitForQuarterHourAsync(ContinuousBench bench, CancellationToken ct)
    {
        var quarter = TimeSpan.FromMinutes(15);
        var since = new TimeSpan(bench.Time.GetUtcNow().Ticks % quarter.Ticks);
        await Task.Delay(quarter - since, bench.Time, ct);
    }

    private static async Task WriteMixedLoadAsync(ContinuousBench bench, Dictionary<string, long> lengths, CancellationToken ct)
    {
        var began = bench.Time.GetTimestamp();
        var (listed, burst) = (TimeSpan.Zero, TimeSpan.Zero);
        var commits = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1) / CommitsPerSecond, bench.Time);
        while (bench.Time.GetElapsedTime(began) is var elapsed && elapsed < TimeSpan.FromMinutes(bench.Options.Minutes))
        {
            await timer.WaitForNextTickAsync(ct);
            var isBurst = elapsed - burst >= BurstPeriod;
            burst = isBurst ? elapsed : burst;
            if (++commits % CommitsPerNewRow == 0 && !isBurst)
            {
                bench.Database.AddRows(bench.App, 1);
            }
            else
            {
                bench.Database.UpdateRandomRows(bench.App, isBurst ? RowsOfBurst : 1);
            }

            if (elapsed - listed >= ListingPeriod)
            {
                listed = elapsed;
                List(bench, lengths);
            }
        }
    }

    private static void List(ContinuousBench bench, Dictionary<string, long> lengths)
    {
        foreach (var pack in new DirectoryInfo(bench.Scratch.PathOf(Path.Combine(Repository, "packs"))).EnumerateFiles("*.pack", SearchOption.AllDirectories))
        {
            if (!lengths.ContainsKey(pack.Name))
            {
                lengths.Add(pack.Name, pack.Length);
            }
        }
    }

    /// <returns>How many captures a pack covers; null for a full.</returns>
    private static long? SpanOf(string pack)
    {
        var fields = pack.Split('-');
        var from = long.Parse(fields[FieldOfFrom], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return from == 0 ? null : long.Parse(fields[FieldOfTo], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) - from;
    }

    /// <summary>By a process of its own: closing the database here would drop SQLite's locks on it.</summary>
    private static async Task CopyDatabaseAsync(ContinuousBench bench, string name, CancellationToken ct)
    {
        SampleDatabase.Truncate(bench.App);
        await bench.Tool.RunAsync("cp", [bench.Database.Path, bench.Scratch.PathOf(name)], ct);
    }

    private static long CountDifferentPages(string before, string after)
    {
        using var first = File.OpenRead(before);
        using var second = File.OpenRead(after);
        byte[] old = new byte[PageBytes], current = new byte[PageBytes];
        var count = 0L;
        while (second.ReadAtLeast(current, PageBytes, throwOnEndOfStream: false) == PageBytes)
        {
            var isThere = first.ReadAtLeast(old, PageBytes, throwOnEndOfStream: false) == PageBytes;
            count += isThere && old.AsSpan().SequenceEqual(current) ? 0 : 1;
        }

        return count;
    }
}
