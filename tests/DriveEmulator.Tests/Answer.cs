using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace BackupSidecar.DriveEmulator.Tests;

/// <summary>What came back.</summary>
internal sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    /// <summary>The reason in Drive's older error body.</summary>
    public string Reason => (string)Json["error"]!["errors"]![0]!["reason"]!;

    /// <summary>What is stored of an upload: the Range of a 308, or null.</summary>
    public string? Stored => Headers.TryGetValues("Range", out var values) ? values.Single() : null;
}
