using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>The Drive emulator as a process of its own, which accepts any token. Disposing kills it.</summary>
internal sealed partial class EmulatorProcess : IAsyncDisposable
{
    private readonly SidecarProcess _process;
    private readonly string _data;
    private readonly HttpClient _http;

    private EmulatorProcess(SidecarProcess process, string data, Uri address)
    {
        (_process, _data, Address) = (process, data, address);
        _http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = address };
    }

    public Uri Address { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<EmulatorProcess> StartAsync(string data)
    {
        var process = SidecarProcess.StartProgram(Path.Combine(AppContext.BaseDirectory, "drive-emulator"), ["--data", data, "--any-token"], new Dictionary<string, string?>(), workingDirectory: null);
        return new EmulatorProcess(process, data, new Uri(await process.WaitForOutputLineAsync(line => line.StartsWith("http", StringComparison.Ordinal), Ct)));
    }

    /// <param name="script">As <c>POST /emulator/faults</c> takes it.</param>
    public Task SetFaultsAsync(string script) => PostAsync("emulator/faults", script);

    /// <param name="behaviour">As <c>POST /emulator/listing</c> takes it.</param>
    public Task SetListingAsync(string behaviour) => PostAsync("emulator/listing", behaviour);

    /// <summary>That it got since its start.</summary>
    public async Task<long> RequestsAsync() => (long)(await _http.GetFromJsonAsync<JsonObject>(new Uri("emulator/counters", UriKind.Relative), Ct))!["requests"]!;

    /// <summary>How often each rule of the script has struck, by its name.</summary>
    public async Task<Dictionary<string, long>> HitsAsync() => (await _http.GetFromJsonAsync<JsonObject>(new Uri("emulator/faults", UriKind.Relative), Ct))!["rules"]!.AsArray()
        .ToDictionary(rule => (string)rule!["rule"]!["name"]!, rule => (long)rule!["hits"]!);

    public async Task HealAsync()
    {
        foreach (var what in (string[])["faults", "listing"])
        {
            using var answer = await _http.DeleteAsync(new Uri($"emulator/{what}", UriKind.Relative), Ct);
            _ = answer.EnsureSuccessStatusCode();
        }
    }

    /// <summary>The names of the packs that it holds, by its own records: one for each file.</summary>
    public List<string> Packs() => PacksIn(_data);

    /// <summary>As <see cref="Packs"/>, of an emulator that keeps its data there.</summary>
    public static List<string> PacksIn(string data) =>
    [
        .. Directory.EnumerateFiles(Path.Join(data, "files"), "*", SearchOption.AllDirectories).Select(File.ReadAllText)
            .Select(text => PackName().Match(text)).Where(match => match.Success).Select(match => match.Value),
    ];

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    private async Task PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    [GeneratedRegex(@"packs/[^""]+\.pack")]
    private static partial Regex PackName();
}
