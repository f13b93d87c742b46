using System.Text.Json;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>Reads what an answer says of its error, in both shapes that Google sends.</summary>
/// <remarks><c>{"error":{"errors":[{"reason":…}],"code":403,"message":…}}</c>, and <c>{"error":{"code":429,"message":…,"status":…,"details":[{"reason":…}]}}</c>. Anything else says nothing.</remarks>
internal static class DriveErrorBody
{
    /// <summary>Characters of a message that go into an error: a page of HTML does not.</summary>
    private const int MessageLengthMax = 300;

    public static (IReadOnlyList<string> Reasons, string Message) Read(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object)
            {
                return ([], "");
            }

            var reasons = new List<string>();
            AddReasons(error, "errors", reasons);
            AddReasons(error, "details", reasons);
            Add(error, "status", reasons);
            var message = error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()!.ReplaceLineEndings(" ").Trim() : "";
            return (reasons, message.Length <= MessageLengthMax ? message : message[..MessageLengthMax]);
        }
        catch (JsonException)
        {
            return ([], "");
        }
    }

    private static void AddReasons(JsonElement error, string name, List<string> reasons)
    {
        if (error.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object))
            {
                Add(item, "reason", reasons);
            }
        }
    }

    private static void Add(JsonElement holder, string name, List<string> reasons)
    {
        if (holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
        {
            reasons.Add(value.GetString()!);
        }
    }
}
