using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace BackupSidecar.EndToEnd.Client;

/// <summary>The sample, which listens.</summary>
internal sealed class NotesApp : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly HttpClient _http;

    private NotesApp(SidecarProcess process, Uri address)
    {
        Process = process;
        _http = new HttpClient { BaseAddress = address };
    }

    public SidecarProcess Process { get; }

    public static async Task<NotesApp> ListeningAsync(SidecarProcess process, CancellationToken ct)
    {
        var line = await process.WaitForOutputLineAsync(line => line.Contains(Listening, StringComparison.Ordinal), ct);
        return new NotesApp(process, new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..]));
    }

    public async Task<JsonNode> AddAsync(string text, CancellationToken ct)
    {
        using var response = (await _http.PostAsJsonAsync("notes", new JsonObject { ["text"] = text }, ct)).EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(ct))!;
    }

    /// <summary>The texts, newest first.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken ct) => [.. JsonNode.Parse(await _http.GetStringAsync("notes", ct))!.AsArray().Select(note => (string)note!["text"]!)];

    public Task<string> GetAsync(string path, CancellationToken ct) => _http.GetStringAsync(path, ct);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Process.DisposeAsync();
    }
}
