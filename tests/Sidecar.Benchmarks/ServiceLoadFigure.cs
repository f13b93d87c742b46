using System.Net;
using System.Net.Sockets;
using BackupSidecar.Contracts.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace BackupSidecar.Benchmarks;

/// <summary>What many callers cost: watchers that stay, calls that come all at once, and metrics.</summary>
internal static class ServiceLoadFigure
{
    private const string Repository = "load";
    private const string IdleRepository = "idle-metrics";
    private const int Watchers = 50;
    private const int Calls = 200;
    private const int Rounds = 20;

    private static readonly TimeSpan WarmTime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan WatchTime = TimeSpan.FromMinutes(2);

    public static async Task MeasureAsync(ContinuousBench bench, CancellationToken ct)
    {
        using var channel = ServiceChannel.To(bench.Scratch.PathOf(Repository + "-state/operator/sidecar.sock"));
        await using (var serve = bench.Serve(Repository, "100ms"))
        {
            await serve.CatchUpAsync(bench.Database, bench.App, ct);
            await MeasureWatchersAsync(bench, serve, channel, ct);
            await MeasureCallsAsync(bench, channel, ct);
        }

        bench.Remove(Repository);
        await MeasureTelemetryAsync(bench, ct);
        bench.Remove(IdleRepository);
    }

    /// <summary>
    /// Each watches the status and counts as an app; something is committed twenty times a second. Every capture is a restore point for an hour, whose name takes memory: what
    /// that is, is measured first, without anybody who watches.
    /// </summary>
    private static async Task MeasureWatchersAsync(ContinuousBench bench, ServeProcess serve, GrpcChannel channel, CancellationToken ct)
    {
        await CommitForAsync(bench, WatchTime, ct);
        var alone = await LeastAsync();
        await CommitForAsync(bench, WatchTime, ct);
        alone = await LeastAsync() - alone;

        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var messages = 0L;
        var watching = Enumerable.Range(0, Watchers).SelectMany(watcher => (Task[])
        [
            ReadAsync(new StatusService.StatusServiceClient(channel).WatchStatus(new WatchStatusRequest(), cancellationToken: over.Token)),
            ReadAsync(new LifecycleService.LifecycleServiceClient(channel).Watch(new WatchRequest { InstanceId = $"instance-{watcher}" }, cancellationToken: over.Token)),
        ]).ToList();
        await CommitForAsync(bench, WatchTime, ct);
        var before = await LeastAsync();
        await CommitForAsync(bench, WatchTime, ct);
        var after = await LeastAsync();
        await over.CancelAsync();
        await Task.WhenAll(watching);

        Samples memory = new(), growth = new();
        memory.Add(after);
        growth.Add(after - before - alone);
        bench.Report.AddLimit($"anonymous memory with {Watchers} watchers of the status and {Watchers} of an app", memory, 60, "MB", "0.0");
        bench.Report.Add($"growth over {WatchTime.TotalMinutes:0} minutes without them, {WatchTime.TotalSeconds * 10:0} captures", $"{Report.Text(alone, "0.0")} MB", "");
        bench.Report.AddLimit($"growth over {WatchTime.TotalMinutes:0} minutes with them beyond that, {messages} messages", growth, 2, "MB", "0.0");

        // What it has between two collections is no growth.
        async Task<double> LeastAsync()
        {
            var least = double.MaxValue;
            for (var look = 0; look < 40; look++)
            {
                await CommitForAsync(bench, TimeSpan.FromMilliseconds(500), ct);
                least = Math.Min(least, ProcessFacts.BytesOf(serve.Id, "RssAnon") / 1e6);
            }

            return least;
        }

        async Task ReadAsync<T>(AsyncServerStreamingCall<T> call)
        {
            try
            {
                while (await call.ResponseStream.MoveNext(CancellationToken.None))
                {
                    _ = Interlocked.Increment(ref messages);
                }
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled)
            {
                // The end of the figure.
            }
            finally
            {
                call.Dispose();
            }
        }
    }

    /// <summary>Half of them ask for the status, half for a durable acknowledgement.</summary>
    private static async Task MeasureCallsAsync(ContinuousBench bench, GrpcChannel channel, CancellationToken ct)
    {
        var (status, lifecycle) = (new StatusService.StatusServiceClient(channel), new LifecycleService.LifecycleServiceClient(channel));
        Samples all = new(), each = new();
        for (var round = 0; round < Rounds; round++)
        {
            bench.Database.UpdateRandomRows(bench.App, 1);
            var began = bench.Time.GetTimestamp();
            var calls = Enumerable.Range(0, Calls).Select(async call =>
            {
                if (call % 2 == 0)
                {
                    await status.GetStatusAsync(new GetStatusRequest(), cancellationToken: ct);
                }
                else
                {
                    await lifecycle.EnsureDurableAsync(new EnsureDurableRequest(), cancellationToken: ct);
                }

                return bench.Time.GetElapsedTime(began).TotalMilliseconds;
            }).ToList();
            foreach (var milliseconds in await Task.WhenAll(calls))
            {
                each.Add(milliseconds);
            }

            all.Add(bench.Time.GetElapsedTime(began).TotalMilliseconds);
        }

        bench.Report.Add($"{Calls} calls at once, half of them EnsureDurable: until the last is answered", $"{Report.Text(all.Median, "0.0")} ms", all.Range("0.0"));
        bench.Report.Add("the same, each call, p99", "≤ 100 ms", $"{Report.Text(each.At(0.99), "0.0")} ms", "", "", each.At(0.99) <= 100);
    }

    /// <summary>Start and memory with an address for monitoring that is scraped every second, of a database that nobody writes to.</summary>
    private static async Task MeasureTelemetryAsync(ContinuousBench bench, CancellationToken ct)
    {
        var address = FreeAddress();
        using var client = new HttpClient { BaseAddress = new Uri($"http://{address}") };
        Samples start = new(), anonymous = new(), resident = new();
        for (var run = 0; run < bench.Options.Pairs; run++)
        {
            await using var serve = ServeProcess.Start(
                bench.Program, [bench.Database.Path], bench.Scratch.PathOf(IdleRepository), bench.Scratch.PathOf(IdleRepository + "-state"), "100ms", bench.Time, "--monitor-listen", $"{address}");
            while (!await IsLiveAsync(client, ct))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), bench.Time, ct);
            }

            start.Add(bench.Time.GetElapsedTime(serve.StartedAt).TotalMilliseconds);
            if (run == bench.Options.Pairs - 1)
            {
                for (var second = 0; second < WarmTime.TotalSeconds; second++)
                {
                    _ = await client.GetStringAsync("/metrics", ct);
                    await Task.Delay(TimeSpan.FromSeconds(1), bench.Time, ct);
                }

                anonymous.Add(ProcessFacts.BytesOf(serve.Id, "RssAnon") / 1e6);
                resident.Add(ProcessFacts.BytesOf(serve.Id, "VmRSS") / 1e6);
            }
        }

        bench.Report.AddLimit("with metrics: start of serve until /livez answers", start, 150, "ms", "0.0");
        bench.Report.AddLimit("with metrics, scraped every second: anonymous memory", anonymous, 35, "MB", "0.0");
        bench.Report.AddLimit("with metrics, scraped every second: resident memory", resident, 65, "MB", "0.0");
    }

    private static async Task<bool> IsLiveAsync(HttpClient client, CancellationToken ct)
    {
        try
        {
            using var answer = await client.GetAsync("/livez", ct);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task CommitForAsync(ContinuousBench bench, TimeSpan duration, CancellationToken ct)
    {
        var began = bench.Time.GetTimestamp();
        while (bench.Time.GetElapsedTime(began) < duration)
        {
            bench.Database.UpdateRandomRows(bench.App, 1);
            await Task.Delay(TimeSpan.FromMilliseconds(50), bench.Time, ct);
        }
    }

    private static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
