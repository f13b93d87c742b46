using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace BackupSidecar.DriveEmulator.Tests;

/// <summary>Plain HTTP to an emulator, with as little thought of its own as possible: tests see what is on the wire.</summary>
internal sealed class DriveClient : IDisposable
{
    private readonly HttpClient _http;

    public DriveClient(Uri address, string? token)
    {
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public async Task<Answer> SendAsync(string method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await _http.SendAsync(request, Ct);
        var body = await response.Content.ReadAsByteArrayAsync(Ct);
        return new Answer(response.StatusCode, response.Headers, response.Content.Headers, body);
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", path, null, headers);

    public Task<Answer> SendJsonAsync(string method, string path, JsonNode json, params (string Name, string Value)[] headers) =>
        SendAsync(method, path, new StringContent(json.ToJsonString(), Encoding.UTF8, "application/json"), headers);

    /// <summary>Creates a file by a multipart upload; answers it with all its members.</summary>
    public async Task<JsonObject> UploadAsync(JsonObject metadata, byte[] content, string query = "")
    {
        var answer = await UploadRawAsync(metadata, content, query);
        Xunit.Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json;
    }

    public Task<Answer> UploadRawAsync(JsonObject metadata, byte[] content, string query = "")
    {
        var body = new MultipartContent("related")
        {
            new StringContent(metadata.ToJsonString(), Encoding.UTF8, "application/json"),
            new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } },
        };
        return SendAsync("POST", $"upload/drive/v3/files?uploadType=multipart&fields=*{query}", body);
    }

    /// <summary>Creates a file without content.</summary>
    public async Task<JsonObject> CreateAsync(JsonObject metadata, string query = "")
    {
        var answer = await SendJsonAsync("POST", $"drive/v3/files?fields=*{query}", metadata);
        Xunit.Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json;
    }

    public async Task<string> CreateFolderAsync(string name) =>
        (string)(await CreateAsync(new JsonObject { ["name"] = name, ["mimeType"] = "application/vnd.google-apps.folder" }))["id"]!;

    public async Task<string> NewIdAsync() => (string)(await GetAsync("drive/v3/files/generateIds?count=1")).Json["ids"]![0]!;

    public Task<Answer> ListAsync(string query, string more = "") => GetAsync($"drive/v3/files?q={Uri.EscapeDataString(query)}{more}");

    /// <summary>The names in a list of one page.</summary>
    public async Task<string[]> NamesAsync(string query, string more = "")
    {
        var answer = await ListAsync(query, "&orderBy=name" + more);
        Xunit.Assert.Equal(HttpStatusCode.OK, answer.Status);
        return [.. answer.Json["files"]!.AsArray().Select(file => (string)file!["name"]!)];
    }

    /// <summary>Starts a resumable upload; the answer's Location is the session.</summary>
    public async Task<Uri> StartUploadAsync(JsonObject metadata, string query = "", params (string Name, string Value)[] headers)
    {
        var answer = await SendJsonAsync("POST", $"upload/drive/v3/files?uploadType=resumable&fields=*{query}", metadata, headers);
        Xunit.Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Headers.Location!;
    }

    /// <param name="range">The Content-Range without its unit.</param>
    public Task<Answer> PutAsync(Uri session, byte[] piece, string range) =>
        SendAsync("PUT", session.ToString(), new ByteArrayContent(piece), ("Content-Range", $"bytes {range}"));

    public void Dispose() => _http.Dispose();
}
