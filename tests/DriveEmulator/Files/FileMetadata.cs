using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>What a create or an update says of a file: the JSON body, read and checked. Members that are null were not named.</summary>
internal sealed class FileMetadata
{
    /// <summary>Members of a file that only Drive writes.</summary>
    private static readonly string[] ReadOnly =
        ["size", "md5Checksum", "sha1Checksum", "sha256Checksum", "version", "owners", "driveId", "headRevisionId", "quotaBytesUsed", "ownedByMe", "webViewLink"];

    private FileMetadata(JsonObject json) => Json = json;

    /// <summary>As it came, for a session that must outlive the process.</summary>
    public JsonObject Json { get; }

    public string? Id => Text("id");

    public string? Name => Text("name");

    public string? MimeType => Text("mimeType");

    public string? Description => Text("description");

    public string? OriginalFilename => Text("originalFilename");

    public bool? Trashed => Flag("trashed");

    public bool? Starred => Flag("starred");

    public DateTimeOffset? CreatedTime => Time("createdTime");

    public DateTimeOffset? ModifiedTime => Time("modifiedTime");

    public IReadOnlyList<string>? Parents =>
        Json["parents"] is not { } node ? null
        : node is JsonArray items ? [.. items.Select(item => item?.GetValueKind() == JsonValueKind.String ? item.GetValue<string>() : throw Bad("parents"))]
        : throw Bad("parents");

    /// <summary>A null value removes the key.</summary>
    public IReadOnlyDictionary<string, string?>? AppProperties => Map("appProperties");

    public IReadOnlyDictionary<string, string?>? Properties => Map("properties");

    public static FileMetadata Empty() => new([]);

    /// <exception cref="DriveException">400: no JSON object; 403: a member that only Drive writes.</exception>
    public static async Task<FileMetadata> ReadAsync(Stream body, CancellationToken ct)
    {
        using var text = new MemoryStream();
        await body.CopyToAsync(text, ct);
        return Parse(text.GetBuffer().AsSpan(0, (int)text.Length));
    }

    /// <inheritdoc cref="ReadAsync"/>
    public static FileMetadata Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Trim(" \r\n\t"u8).IsEmpty)
        {
            return Empty();
        }

        try
        {
            var json = JsonNode.Parse(utf8) as JsonObject ?? throw new DriveException(400, "parseError", "Parse Error");
            return json.FirstOrDefault(member => ReadOnly.Contains(member.Key)).Key is { } key
                ? throw new DriveException(403, "fieldNotWritable", $"The resource body includes fields which are not directly writable: {key}.")
                : new FileMetadata(json);
        }
        catch (JsonException)
        {
            throw new DriveException(400, "parseError", "Parse Error");
        }
    }

    private string? Text(string member) =>
        Json[member] is not { } node ? null : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : throw Bad(member);

    private bool? Flag(string member) => Json[member]?.GetValueKind() switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Bad(member),
    };

    private DateTimeOffset? Time(string member) =>
        Text(member) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time
        : throw Bad(member);

    private Dictionary<string, string?>? Map(string member)
    {
        if (Json[member] is not { } node)
        {
            return null;
        }

        var map = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in node as JsonObject ?? throw Bad(member))
        {
            map[key] = value is null ? null : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Bad(member);
        }

        return map;
    }

    private static DriveException Bad(string member) => DriveException.Invalid(member, $"Invalid value for: {member}");
}
