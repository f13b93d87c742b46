using Microsoft.Data.Sqlite;

namespace BackupSidecar.Benchmarks;

/// <summary>Memory, processor time and calls to the store while every app is attached and none writes.</summary>
internal static class IdleFigure
{
    private const string Repository = "idle";
    private const string Folder = "idle-databases";
    private const int SmallBytes = 1_000_000;
    private const double PercentMax = 0.02;

    /// <summary>A garbage collection and the end of idle threads come after the last work.</summary>
    private static readonly TimeSpan CalmTime = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(ContinuousBench bench, CancellationToken ct)
    {
        await using (var serve = bench.Serve(Repository, "100ms"))
        {
            await serve.CatchUpAsync(bench.Database, bench.App, ct);
            await Task.Delay(CalmTime, bench.Time, ct);
            AddMemory(bench, serve, "1 database", 25);
            await MeasureProcessorAsync(bench, serve, ct);
            await CountStoreCallsAsync(bench, serve, ct);
        }

        bench.Remove(Repository);
        await MeasureManyAsync(bench, ct);
    }

    private static async Task MeasureProcessorAsync(ContinuousBench bench, ServeProcess serve, CancellationToken ct)
    {
        var before = ProcessFacts.ProcessorTimeOf(serve.Id);
        await Task.Delay(TimeSpan.FromSeconds(bench.Options.IdleSeconds), bench.Time, ct);
        var percent = new Samples();
        percent.Add((ProcessFacts.ProcessorTimeOf(serve.Id) - before).TotalSeconds / bench.Options.IdleSeconds * 100);
        bench.Report.AddLimit($"processor time while idle, 1 database, over {bench.Options.IdleSeconds} s", percent, PercentMax, "%", "0.0000");
    }

    /// <summary>A call to a store in a directory names a path below it: those that the kernel sees are counted.</summary>
    private static async Task CountStoreCallsAsync(ContinuousBench bench, ServeProcess serve, CancellationToken ct)
    {
        var row = $"store calls while idle, 1 database, over {bench.Options.IdleSeconds} s";
        if (!Tool.IsInstalled("strace"))
        {
            bench.Report.Add(row, "0", "not measured: strace is not installed", "", "", isMet: false);
            return;
        }

        var trace = bench.Scratch.PathOf("trace");
        await bench.Tool.ShellAsync($"timeout -s INT {bench.Options.IdleSeconds} strace -f -qq -e trace=%file,%desc -y -s 4096 -p {serve.Id} -o '{trace}' || true", ct);
        var repository = bench.Scratch.PathOf(Repository) + "/";
        var calls = File.ReadLines(trace).Count(line => line.Contains(repository, StringComparison.Ordinal));
        bench.Scratch.Remove("trace");
        bench.Report.Add(row, "0", Report.Text(calls, "0"), "", "", calls == 0);
    }

    private static async Task MeasureManyAsync(ContinuousBench bench, CancellationToken ct)
    {
        Directory.CreateDirectory(bench.Scratch.PathOf(Folder));
        var connections = new List<SqliteConnection>();
        try
        {
            List<string> paths = [];
            var first = new SampleDatabase(bench.Scratch.PathOf(Path.Combine(Folder, "app0.db")));
            first.Create(SmallBytes, ct);
            for (var number = 0; number < bench.Options.Databases; number++)
            {
                var path = bench.Scratch.PathOf(Path.Combine(Folder, $"app{number}.db"));
                if (number > 0)
                {
                    File.Copy(first.Path, path);
                }

                paths.Add(path);
            }

            connections.AddRange(paths.Select(path => new SampleDatabase(path).OpenAndRead()));
            await using var serve = bench.Serve(Repository, "100ms", [.. paths]);

            // Each is captured whole, and then once from its log.
            await SeeAllAsync(serve, bench.Options.Databases, ct);
            connections.ForEach(first.UpdateOneRow);
            await SeeAllAsync(serve, bench.Options.Databases, ct);
            await Task.Delay(CalmTime, bench.Time, ct);
            AddMemory(bench, serve, $"{bench.Options.Databases} databases", 40);
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }

        bench.Remove(Repository);
        bench.Scratch.Remove(Folder);
    }

    private static async Task SeeAllAsync(ServeProcess serve, int count, CancellationToken ct)
    {
        var seen = new HashSet<string>();
        while (seen.Count < count)
        {
            seen.Add((await serve.NextAsync(ct)).Source);
        }
    }

    private static void AddMemory(ContinuousBench bench, ServeProcess serve, string what, double anonymousMax)
    {
        Samples anonymous = new(), resident = new();
        anonymous.Add(ProcessFacts.BytesOf(serve.Id, "RssAnon") / 1e6);
        resident.Add(ProcessFacts.BytesOf(serve.Id, "VmRSS") / 1e6);
        bench.Report.AddLimit($"anonymous memory while idle, {what}", anonymous, anonymousMax, "MB", "0.0");
        bench.Report.Add($"resident memory while idle, {what}", $"{Report.Text(resident.Median, "0.0")} MB", "");
    }
}
