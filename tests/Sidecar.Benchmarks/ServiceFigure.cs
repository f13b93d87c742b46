using System.Diagnostics;
using BackupSidecar.Contracts.V1;
using Grpc.Core;

namespace BackupSidecar.Benchmarks;

/// <summary>How soon serve answers calls, how fast, and how long an app waits for a durable acknowledgement.</summary>
internal static class ServiceFigure
{
    private const string Repository = "service";
    private const int StatusCallsPerPair = 200;
    private const int CommitsPerPair = 40;
    private const int PauseMillisecondsMax = 40;

    /// <summary>A garbage collection and the end of idle threads come after the last work.</summary>
    private static readonly TimeSpan CalmTime = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(ContinuousBench bench, CancellationToken ct)
    {
        var socket = bench.Scratch.PathOf(Repository + "-state/operator/sidecar.sock");
        await MeasureStartAsync(bench, socket, ct);
        using var channel = ServiceChannel.To(socket);
        var status = new StatusService.StatusServiceClient(channel);
        await using (var serve = bench.Serve(Repository, "100ms"))
        {
            await serve.CatchUpAsync(bench.Database, bench.App, ct);
            await MeasureStatusAsync(bench, status, ct);
            await MeasureDurableAsync(bench, new LifecycleService.LifecycleServiceClient(channel), ct);
            await Task.Delay(CalmTime, bench.Time, ct);
            Samples anonymous = new(), resident = new();
            anonymous.Add(ProcessFacts.BytesOf(serve.Id, "RssAnon") / 1e6);
            resident.Add(ProcessFacts.BytesOf(serve.Id, "VmRSS") / 1e6);
            bench.Report.AddLimit("anonymous memory while idle, after these calls", anonymous, 35, "MB", "0.0");
            bench.Report.AddLimit("resident memory while idle, after these calls", resident, 65, "MB", "0.0");
        }

        bench.Remove(Repository);
    }

    private static async Task MeasureStartAsync(ContinuousBench bench, string socket, CancellationToken ct)
    {
        Samples listens = new(), start = new();

        // The first one makes repository and state.
        for (var run = 0; run <= bench.Options.Pairs; run++)
        {
            await using var serve = bench.Serve(Repository, "100ms");

            while (!await ServiceChannel.ListensAsync(socket, ct))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), bench.Time, ct);
            }

            var listening = bench.Time.GetElapsedTime(serve.StartedAt).TotalMilliseconds;
            await StatusAsync(bench, ct);
            if (run > 0)
            {
                listens.Add(listening);
                start.Add(bench.Time.GetElapsedTime(serve.StartedAt).TotalMilliseconds);
            }
        }

        bench.Report.Add("start of serve until it listens", $"{Report.Text(listens.Median, "0.0")} ms", listens.Range("0.0"));
        bench.Report.AddLimit("start of serve until the status command has its answer", start, 150, "ms", "0.0");
    }

    /// <summary>By the program's own command, whose start is counted: the first call of a program that is compiled as it runs, such as this one, takes 100 ms of its own.</summary>
    private static async Task StatusAsync(ContinuousBench bench, CancellationToken ct)
    {
        var start = new ProcessStartInfo(bench.Program, ["status", "--state", bench.Scratch.PathOf(Repository + "-state")]) { RedirectStandardOutput = true };
        using var status = Process.Start(start)!;
        _ = await status.StandardOutput.ReadToEndAsync(ct);
        await status.WaitForExitAsync(ct);
        if (status.ExitCode != 0)
        {
            throw new InvalidOperationException($"status ended with {status.ExitCode}.");
        }
    }

    private static async Task MeasureStatusAsync(ContinuousBench bench, StatusService.StatusServiceClient status, CancellationToken ct)
    {
        var calls = new Samples();
        for (var call = 0; call < StatusCallsPerPair * bench.Options.Pairs; call++)
        {
            var began = bench.Time.GetTimestamp();
            await status.GetStatusAsync(new GetStatusRequest(), cancellationToken: ct);
            calls.Add(bench.Time.GetElapsedTime(began).TotalMilliseconds);
        }

        bench.Report.Add("GetStatus, median", $"{Report.Text(calls.Median, "0.00")} ms", calls.Range("0.00"));
        bench.Report.Add("GetStatus, p99", "≤ 5 ms", $"{Report.Text(calls.At(0.99), "0.00")} ms", "", "", calls.At(0.99) <= 5);
    }

    private static async Task MeasureDurableAsync(ContinuousBench bench, LifecycleService.LifecycleServiceClient lifecycle, CancellationToken ct)
    {
        var durable = new Samples();
        var random = new Random(1);
        for (var commit = 0; commit < CommitsPerPair * bench.Options.Pairs; commit++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1 + random.Next(PauseMillisecondsMax)), bench.Time, ct);
            bench.Database.UpdateRandomRows(bench.App, 1);
            var committed = bench.Time.GetTimestamp();
            await lifecycle.EnsureDurableAsync(new EnsureDurableRequest(), cancellationToken: ct);
            durable.Add(bench.Time.GetElapsedTime(committed).TotalMilliseconds);
        }

        bench.Report.AddLimit($"EnsureDurable(local) after a commit, interval 100 ms, median of {durable.Count}", durable, 20, "ms", "0.00");
        bench.Report.Add("EnsureDurable(local) after a commit, p99", $"{Report.Text(durable.At(0.99), "0.00")} ms", "");
    }
}
