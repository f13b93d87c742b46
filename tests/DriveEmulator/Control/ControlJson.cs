using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Control;

/// <summary>The JSON of the emulator's own calls and of the files that the program is given: unknown members are errors, since they are mostly misspelt ones.</summary>
internal static class ControlJson
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <exception cref="DriveException">400: the body is not what is expected.</exception>
    public static async Task<T> ReadAsync<T>(Call call, CancellationToken ct)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(call.Request.Body, Format, ct) ?? throw DriveException.Invalid("body", "The body is null.");
        }
        catch (JsonException error)
        {
            throw DriveException.Invalid("body", error.Message);
        }
    }

    /// <exception cref="JsonException">The file is not what is expected.</exception>
    public static T ReadFile<T>(string path)
        where T : class =>
        JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Format) ?? throw new JsonException("The document is null.");

    public static JsonNode ToNode<T>(T value) => JsonSerializer.SerializeToNode(value, Format)!;

    public static Task AnswerAsync<T>(Call call, T value, CancellationToken ct)
    {
        var node = ToNode(value);
        return call.AnswerAsync(node as JsonObject ?? new JsonObject { ["items"] = node }, ct);
    }
}
