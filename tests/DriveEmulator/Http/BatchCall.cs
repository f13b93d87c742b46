using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace BackupSidecar.DriveEmulator.Http;

/// <summary>Up to 100 calls in one request, as parts of multipart/mixed; each is answered as if it had come alone. Content does not go this way.</summary>
internal sealed class BatchCall(Func<HttpContext, Call, Task> answer)
{
    private const int CallsMax = 100;

    public IEnumerable<CallRoute> Routes() =>
    [
        new("batch", "POST", "/batch/drive/v3", Units: 0, NeedsToken: false, AnswerAsync),
        new("batch", "POST", "/batch", Units: 0, NeedsToken: false, AnswerAsync),
    ];

    private async Task AnswerAsync(Call call, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(call.Request.ContentType, out var type) || type.MediaType != "multipart/mixed" || HeaderUtilities.RemoveQuotes(type.Boundary).ToString() is not { Length: > 0 } boundary)
        {
            throw new DriveException(400, "badRequest", "A batch is multipart/mixed.");
        }

        var parts = await ReadAsync(new MultipartReader(boundary, call.Request.Body), ct);
        if (parts.Count > CallsMax)
        {
            throw new DriveException(400, "badRequest", $"The batch has {parts.Count} calls, more than {CallsMax}.");
        }

        var text = new StringBuilder();
        var ending = $"batch_{Guid.NewGuid():N}";
        foreach (var (id, request) in parts)
        {
            text.Append("--").Append(ending).Append("\r\nContent-Type: application/http\r\n");
            if (id is not null)
            {
                text.Append("Content-ID: ").Append(id.StartsWith('<') ? "<response-" + id[1..] : "response-" + id).Append("\r\n");
            }

            text.Append("\r\n").Append(await AnswerAsync(call, request)).Append("\r\n");
        }

        var bytes = Encoding.UTF8.GetBytes(text.Append("--").Append(ending).Append("--\r\n").ToString());
        call.Response.ContentType = $"multipart/mixed; boundary={ending}";
        call.Response.ContentLength = bytes.Length;
        await call.Response.Body.WriteAsync(bytes, ct);
    }

    private static async Task<List<(string? Id, string Request)>> ReadAsync(MultipartReader reader, CancellationToken ct)
    {
        var parts = new List<(string?, string)>();
        while (await reader.ReadNextSectionAsync(ct) is { } part)
        {
            using var text = new StreamReader(part.Body, Encoding.UTF8);
            parts.Add((part.Headers?.TryGetValue("Content-ID", out var id) == true ? id.ToString() : null, await text.ReadToEndAsync(ct)));
        }

        return parts;
    }

    private async Task<string> AnswerAsync(Call batch, string text)
    {
        var inner = new DefaultHttpContext { RequestAborted = batch.Http.RequestAborted };
        using var body = new MemoryStream();
        inner.Response.Body = body;
        Fill(inner.Request, batch.Request, text);
        await answer(inner, batch);

        var head = new StringBuilder($"HTTP/1.1 {inner.Response.StatusCode} {ReasonPhrases.GetReasonPhrase(inner.Response.StatusCode)}\r\n");
        foreach (var (name, value) in inner.Response.Headers)
        {
            head.Append(name).Append(": ").Append(value.ToString()).Append("\r\n");
        }

        return head.Append("\r\n").Append(Encoding.UTF8.GetString(body.ToArray())).ToString();
    }

    private static void Fill(HttpRequest request, HttpRequest batch, string text)
    {
        var lines = text.ReplaceLineEndings("\n").TrimStart('\n').Split("\n\n", 2);
        var head = lines[0].Split('\n');
        if (head[0].Split(' ') is not [var method, var target, ..])
        {
            throw new DriveException(400, "badRequest", "A part of the batch is no HTTP request.");
        }

        var address = new Uri(new Uri("http://batch"), target);
        request.Method = method;
        request.Scheme = batch.Scheme;
        request.Host = batch.Host;
        request.Path = PathString.FromUriComponent(address);
        request.QueryString = QueryString.FromUriComponent(address);
        request.Headers.Authorization = batch.Headers.Authorization;
        foreach (var line in head[1..])
        {
            if (line.Split(':', 2) is [var name, var value])
            {
                request.Headers[name.Trim()] = value.Trim();
            }
        }

        request.Body = new MemoryStream(Encoding.UTF8.GetBytes(lines.Length > 1 ? lines[1].Trim('\n') : ""));
    }
}
