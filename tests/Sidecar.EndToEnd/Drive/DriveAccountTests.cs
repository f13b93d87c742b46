using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator;
using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.EndToEnd.Remotes;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.EndToEnd.Drive;

/// <summary>What a running serve tells of the credential of a repository in Google Drive: its death, its coming back to life, and what it has spent.</summary>
public sealed class DriveAccountTests : IAsyncLifetime
{
    private readonly RemoteScene _scene = new();
    private readonly ScratchDirectory _directory = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler());
    private EmulatorHost _emulator = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _emulator = await EmulatorHost.StartAsync(new EmulatorOptions { DataDirectory = _directory.Join("emulator"), RotateRefreshTokens = true }, Ct);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _emulator.DisposeAsync();
        _scene.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Status_and_metrics_tell_that_a_credential_died_and_that_it_lives_again()
    {
        var credential = _directory.Join("credential.json");
        _ = DriveUser.SignIn(_emulator, credential);
        await _scene.AddDriveAsync(_emulator.BaseAddress, "--credential", credential);
        var monitor = FreePort();
        await using var serve = await _scene.ServeAsync("--monitor-listen", $"127.0.0.1:{monitor}");
        (await _scene.EnsureRemoteAsync()).ShouldExit(0);

        var (alive, account) = await StatusAsync();
        Assert.Equal("safe", (string?)alive["protection"]!["level"]);
        Assert.Equal((credential, "user"), ((string?)account["credential"], (string?)account["kind"]));
        Assert.Null(account["death"]);
        Assert.True((DateTimeOffset)account["tokenExpiresAt"]! > (DateTimeOffset)alive["lastCaptureAt"]!);
        Assert.InRange((int)account["requestsToday"]!, 5, 100);
        Assert.Equal((200_000, 325_000), ((int)account["requestsPerDay"]!, (int)account["unitsPerMinute"]!));
        Assert.Equal((int)account["requestsToday"]!, account["requests"]!.AsArray().Sum(one => (int)one!["count"]!));
        await ScrapedAsync(monitor, "backupsidecar_remote_credential_dead{", " 0 ");
        await ScrapedAsync(monitor, "backupsidecar_remote_requests_total{", "kind=\"write\",result=\"ok\"");

        await using var watch = SidecarProcess.Start(SidecarBinary.Current, ["status", "--watch", "--json", "--state", _scene.State]);
        _emulator.Revoke();
        _scene.Execute("INSERT INTO t (body) VALUES ('after the end of the sign-in')");
        var line = await watch.WaitForOutputLineAsync(line => line.Contains("\"invalid_grant\"", StringComparison.Ordinal), Ct);

        var dying = JsonNode.Parse(line)!["serve"]!["sources"]![0]!;
        Assert.Equal("at risk", (string?)dying["protection"]!["level"]);
        Assert.Contains($"the credential in {credential} has been dead for less than a minute (invalid_grant)", (string?)dying["protection"]!["reasons"]![0], StringComparison.Ordinal);
        Assert.Contains("drive login", (string?)dying["protection"]!["nextStep"], StringComparison.Ordinal);
        await ScrapedAsync(monitor, "backupsidecar_remote_credential_dead{", " 1 ");
        Assert.Contains("DEAD      offsite", (await CommandScene.RunAsync("status", "--state", _scene.State)).ShouldExit(0).Output, StringComparison.Ordinal);

        _ = DriveUser.SignIn(_emulator, credential);
        (await _scene.EnsureRemoteAsync()).ShouldExit(0);

        var (again, revived) = await StatusAsync();
        Assert.Null(revived["death"]);
        Assert.Equal("safe", (string?)again["protection"]!["level"]);
        Assert.Equal((long?)again["position"], (long?)again["remotes"]![0]!["position"]);
        await ScrapedAsync(monitor, "backupsidecar_remote_credential_dead{", " 0 ");
    }

    [Fact]
    public async Task A_serve_that_was_killed_goes_on_counting_the_requests_of_the_day()
    {
        var credential = _directory.Join("credential.json");
        _ = DriveUser.SignIn(_emulator, credential);
        await _scene.AddDriveAsync(_emulator.BaseAddress, "--credential", credential);
        var counted = 0;
        for (var run = 0; run < 3; run++)
        {
            await using var serve = await _scene.ServeAsync();
            _scene.Execute($"INSERT INTO t (body) VALUES ('{run}')");
            (await _scene.EnsureRemoteAsync()).ShouldExit(0);
            var account = (await StatusAsync()).Account;
            var made = account["requests"]!.AsArray().Sum(one => (int)one!["count"]!);
            Assert.InRange((int)account["requestsToday"]!, counted + made, counted + made + 63);
            counted = (int)account["requestsToday"]!;
            serve.Kill();
            _ = await serve.WaitForExitAsync(Ct);
        }
    }

    private async Task<(JsonNode Source, JsonNode Account)> StatusAsync()
    {
        var source = (await RemoteScene.SummaryAsync("status", "--state", _scene.State))["serve"]!["sources"]![0]!;
        return (source, source["remotes"]![0]!["account"]!);
    }

    /// <summary>Returns when a line of the metrics says so: an answer is kept for a moment.</summary>
    private async Task ScrapedAsync(int port, string start, string part)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (true)
        {
            var text = await _http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), Ct);
            if (text.Split('\n').Any(line => line.StartsWith(start, StringComparison.Ordinal) && $"{line} ".Contains(part, StringComparison.Ordinal)))
            {
                return;
            }

            Assert.False(late.IsCancellationRequested, $"waited for {start}…{part} in\n{text}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
