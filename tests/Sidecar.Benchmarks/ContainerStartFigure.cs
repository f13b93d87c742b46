using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace BackupSidecar.Benchmarks;

/// <summary>From <c>docker start</c> until serve answers, and beside it the same for a command that does nothing, which is the engine's own part.</summary>
internal static class ContainerStartFigure
{
    private const string Place = "start";
    private const double MillisecondsMax = 300;
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(2);

    public static async Task MeasureAsync(ContainerBench bench, CancellationToken ct)
    {
        bench.Prepare(Place);
        using var client = new HttpClient();
        var (whole, own, engine) = (new Samples(), new Samples(), new Samples());
        for (var run = 1; run <= bench.Options.Runs; run++)
        {
            var idle = await bench.Engine.CreateAsync(Place, ["--network", "host"], ["--version"], ct);
            engine.Add((await bench.Engine.StartAsync(idle, toEnd: true, ct)).TotalMilliseconds);
            await bench.Engine.RemoveAsync(idle);

            // In the host's network: on a bridge the first packet to a new container is lost, whatever runs there, and is sent again after a second.
            var address = $"127.0.0.1:{FreePort()}";
            var container = await bench.Engine.CreateAsync(
                Place, ["--network", "host"], ["serve", "--database", "/data/app.db", "--repository", "/backups", "--monitor-listen", address], ct);
            try
            {
                var began = bench.Time.GetTimestamp();
                var started = bench.Engine.StartAsync(container, toEnd: false, ct);
                await UntilAliveAsync(client, new Uri($"http://{address}/livez"), bench.Time, ct);
                whole.Add(bench.Time.GetElapsedTime(began).TotalMilliseconds);
                var answered = bench.Time.GetLocalNow().DateTime;
                await started;
                using var process = Process.GetProcessById(int.Parse(await bench.Engine.InspectAsync(container, "{{.State.Pid}}", ct), CultureInfo.InvariantCulture));
                own.Add((answered - process.StartTime).TotalMilliseconds);
                await bench.ProgressAsync($"{run}/{bench.Options.Runs} start: {whole.Max:0} ms at most so far");
            }
            finally
            {
                await bench.Engine.RemoveAsync(container);
            }
        }

        bench.Report.AddLimit("`docker start` of `serve` until `/livez` answers", whole, MillisecondsMax, "ms", "0");
        bench.Report.Add("of that since its process started", $"{Report.Text(own.Median, "0")} ms", own.Range("0"));
        bench.Report.Add("`docker start` of `--version` until it has ended: the engine's own part", $"{Report.Text(engine.Median, "0")} ms", engine.Range("0"));
    }

    private static async Task UntilAliveAsync(HttpClient client, Uri address, TimeProvider time, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(address, ct);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Nobody listens yet.
            }

            await Task.Delay(LookPeriod, time, ct);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
