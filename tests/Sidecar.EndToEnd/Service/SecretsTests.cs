using System.Net;
using System.Net.Sockets;
using BackupSidecar.EndToEnd.Cli;
using Xunit;

namespace BackupSidecar.EndToEnd.Service;

/// <summary>A token is in its file and in the calls, and nowhere else.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string Token = "c0ffee00c0ffee00c0ffee00c0ffee00";
    private const string WrongToken = "badbadbadbadbadbadbadbadbadbadba";

    private readonly CommandScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task No_log_status_configuration_or_message_shows_the_token()
    {
        var (address, file, wrong) = (FreeAddress(), WriteToken("token", Token), WriteToken("wrong", WrongToken));
        var configuration = _scene.Elsewhere("serve.jsonc");
        await File.WriteAllTextAsync(configuration, $$"""
            { "repository": { "path": "{{_scene.Repository}}" }, "state": { "path": "{{_scene.State}}" }, "sources": [ { "path": "{{_scene.Database}}" } ],
              "service": { "listen": "{{address}}", "tokenFile": "{{file}}" }, "log": { "level": "debug" } }
            """, Ct);
        var serve = SidecarProcess.Start(SidecarBinary.Current, ["serve", "--config", configuration]);
        await using var ends = serve;
        await serve.WaitForErrorLineAsync(line => line.Contains("serve has started", StringComparison.Ordinal), Ct);
        List<SidecarResult> results =
        [
            (await RunAsync(file, "status", "--sidecar", $"http://{address}", "--json")).ShouldExit(0),
            (await RunAsync(file, "config", "show", "--sidecar", $"http://{address}")).ShouldExit(0),
            (await RunAsync(file, "whoami", "--sidecar", $"http://{address}")).ShouldExit(0),
            (await RunAsync(wrong, "status", "--sidecar", $"http://{address}")).ShouldExit(1),
            (await RunAsync(_scene.Elsewhere("none"), "status", "--sidecar", $"http://{address}")).ShouldExit(1),
            await CommandScene.RunAsync("config", "check", "--config", configuration),
        ];
        Assert.Contains("carries no token, or not the one", results[3].Error, StringComparison.Ordinal);
        serve.Terminate();
        results.Add(await serve.WaitForExitAsync(Ct));

        Assert.All(results, result =>
        {
            Assert.DoesNotContain(Token, $"{result}", StringComparison.Ordinal);
            Assert.DoesNotContain(WrongToken, $"{result}", StringComparison.Ordinal);
        });
        Assert.All(
            Directory.EnumerateFiles(_scene.State, "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).Length < 1 << 20),
            path => Assert.DoesNotContain(Token, File.ReadAllText(path), StringComparison.Ordinal));
    }

    private static async Task<SidecarResult> RunAsync(string tokenFile, params string[] arguments)
    {
        await using var process = SidecarProcess.Start(SidecarBinary.Current, arguments, new Dictionary<string, string?> { ["BACKUPSIDECAR_TOKEN_FILE"] = tokenFile });
        return await process.WaitForExitAsync(Ct);
    }

    private static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private string WriteToken(string name, string token)
    {
        var path = _scene.Elsewhere(name);
        File.WriteAllText(path, token + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        return path;
    }
}
