using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackupSidecar.DriveEmulator.Http;

/// <summary>Bodies in JSON, written as Google's: with a length, indented unless the caller asks for prettyPrint=false.</summary>
internal static class JsonAnswer
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    public static async Task WriteAsync(HttpResponse response, int status, JsonObject json, CancellationToken ct)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(json, response.HttpContext.Request.Query["prettyPrint"] == "false" ? Compact : Indented);
        response.StatusCode = status;
        response.ContentType = "application/json; charset=UTF-8";
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, ct);
    }

    public static Task WriteAsync(HttpResponse response, DriveException error, CancellationToken ct)
    {
        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = $"{(long)Math.Ceiling(wait.TotalSeconds)}";
        }

        if (error.Status == 401)
        {
            response.Headers.WWWAuthenticate = "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"";
        }

        return WriteAsync(response, error.Status, ErrorBody.Of(error), ct);
    }
}
