using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace BackupSidecar.Benchmarks;

/// <summary>The Drive emulator as a process, on a free port of loopback, and its own calls.</summary>
internal sealed class DriveProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private DriveProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
        _http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = address };
    }

    public Uri Address { get; }

    /// <summary>The given program, or this solution's, built for release.</summary>
    public static async Task<string> FindOrBuildAsync(string? path, Tool tool, Scratch scratch, CancellationToken ct)
    {
        if (path is not null)
        {
            return Path.GetFullPath(path);
        }

        var output = scratch.PathOf("emulator-program");
        await tool.RunAsync("dotnet", ["publish", Path.Combine(SidecarProgram.SolutionFolder(), "tests", "DriveEmulator"), "-c", "Release", "-o", output], ct);
        return Path.Combine(output, "drive-emulator");
    }

    public static async Task<DriveProcess> StartAsync(string program, string data, CancellationToken ct)
    {
        var process = Process.Start(new ProcessStartInfo(program, ["--data", data, "--any-token", "--log-requests", "1000000"]) { RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException("The emulator did not start.");
        return new DriveProcess(process, new Uri(line));
    }

    /// <summary>A line with this time of answer and these bytes a second in each direction, for all calls together.</summary>
    public async Task SlowDownAsync(int latencyMilliseconds, long bytesPerSecond, CancellationToken ct)
    {
        var script = string.Create(CultureInfo.InvariantCulture, $$"""
            { "rules": [ { "fault": { "kind": "delay", "milliseconds": {{latencyMilliseconds}} } },
                         { "fault": { "kind": "bandwidth", "bytesPerSecond": {{bytesPerSecond}}, "shared": true } } ] }
            """);
        using var content = new StringContent(script, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri("emulator/faults", UriKind.Relative), content, ct);
        _ = answer.EnsureSuccessStatusCode();
    }

    public async Task ForgetRequestsAsync(CancellationToken ct)
    {
        using var answer = await _http.DeleteAsync(new Uri("emulator/requests", UriKind.Relative), ct);
        _ = answer.EnsureSuccessStatusCode();
    }

    /// <summary>What was asked since the start, or since it was forgotten.</summary>
    public async Task<IReadOnlyList<DriveRequest>> RequestsAsync(CancellationToken ct)
    {
        var answer = await _http.GetFromJsonAsync<JsonObject>(new Uri("emulator/requests", UriKind.Relative), ct);
        return
        [
            .. answer!["requests"]!.AsArray().Select(entry => new DriveRequest(
                (string)entry!["kind"]!, (DateTimeOffset)entry["time"]!, TimeSpan.FromMilliseconds((double)entry["milliseconds"]!), (long)entry["receivedBytes"]!, (long)entry["sentBytes"]!)),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
