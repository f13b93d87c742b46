using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>A registry of images on the loopback address, for what pulls its base image and cannot take it from the engine: Debian's docker-registry.</summary>
internal sealed class LocalRegistry : IAsyncDisposable
{
    private const string Program = "docker-registry";

    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private LocalRegistry(DirectoryInfo folder, Process process, string address)
    {
        _folder = folder;
        _process = process;
        Address = address;
    }

    /// <summary>Host and port; a host of this name is asked without TLS.</summary>
    public string Address { get; }

    /// <summary>Skips the test where there is no such program, or fails it where containers are required.</summary>
    public static async Task<LocalRegistry> StartAsync(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("backup-sidecar-registry-");
        var port = FreePort();
        var configuration = Path.Join(folder.FullName, "config.yml");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            version: 0.1
            storage: { filesystem: { rootdirectory: {{folder.FullName}} } }
            http: { addr: '127.0.0.1:{{port}}' }
            log: { level: error, accesslog: { disabled: true } }
            """,
            ct);
        var registry = new LocalRegistry(folder, Start(configuration), $"localhost:{port}");
        await registry.UntilItAnswersAsync(ct);
        return registry;
    }

    /// <returns>The image's name in the registry.</returns>
    public async Task<string> PushAsync(string image, CancellationToken ct)
    {
        var name = $"{Address}/{image}";
        _ = await Docker.RunAsync(["tag", image, name], ct);
        try
        {
            _ = await Docker.RunAsync(["push", name], ct);
        }
        finally
        {
            _ = await Docker.RunAsync(["image", "rm", name], CancellationToken.None);
        }

        return name;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Process Start(string configuration)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Program, ["serve", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            var missing = $"There is no {Program}, which Debian's package of that name holds: {e.Message}";
            if (Environment.GetEnvironmentVariable(Engine.Required) is not null)
            {
                Assert.Fail(missing);
            }

            Assert.Skip(missing);
            throw;
        }
    }

    private async Task UntilItAnswersAsync(CancellationToken ct)
    {
        using var client = new HttpClient();
        while (true)
        {
            Assert.False(_process.HasExited, "The registry of images has ended at its start.");
            try
            {
                _ = (await client.GetAsync(new Uri($"http://{Address}/v2/"), ct)).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ct);
            }
        }
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
