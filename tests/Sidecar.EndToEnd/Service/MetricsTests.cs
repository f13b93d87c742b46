using System.Net;
using System.Net.Sockets;
using System.Text;
using BackupSidecar.EndToEnd.Cli;
using Xunit;

namespace BackupSidecar.EndToEnd.Service;

/// <summary>Metrics leave the program where the environment names a collector, and where an address for monitoring is asked.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly CommandScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Metrics_are_pushed_by_OTLP_and_scraped_by_HTTP()
    {
        var (collector, monitor) = (FreePort(), FreePort());
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{collector}/");
        listener.Start();
        var environment = new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{collector}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        };
        await using var serve = SidecarProcess.Start(
            SidecarBinary.Current, ["serve", "--database", _scene.Database, "--repository", _scene.Repository, "--state", _scene.State, "--monitor-listen", $"127.0.0.1:{monitor}"], environment);
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);

        var pushed = await PushedAsync(listener);
        using var client = new HttpClient();
        var scraped = await client.GetStringAsync($"http://127.0.0.1:{monitor}/metrics", Ct);

        Assert.Contains("backupsidecar.sources", pushed, StringComparison.Ordinal);
        Assert.Contains("backup-sidecar", pushed, StringComparison.Ordinal);
        Assert.Contains("backupsidecar_disk_free_bytes{", scraped, StringComparison.Ordinal);
        Assert.Equal("ok\n", await client.GetStringAsync($"http://127.0.0.1:{monitor}/livez", Ct));
    }

    private static async Task<string> PushedAsync(HttpListener listener)
    {
        var context = await listener.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.Equal("/v1/metrics", context.Request.Url!.AbsolutePath);
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body, Ct);
        context.Response.StatusCode = (int)HttpStatusCode.OK;
        context.Response.Close();
        return Encoding.Latin1.GetString(body.ToArray());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
