using System.Globalization;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Accounts;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>A file as the caller sees it: Drive's JSON, in which 64-bit numbers are strings.</summary>
internal static class FileResource
{
    /// <summary>What an answer holds if nobody asks for more.</summary>
    public const string DefaultFields = "kind,id,name,mimeType,driveId,teamDriveId";

    /// <summary>All members that Drive has; the emulator fills those that it has something to say of.</summary>
    public static readonly IReadOnlySet<string> Known = new HashSet<string>(StringComparer.Ordinal)
    {
        "kind", "id", "name", "mimeType", "description", "starred", "trashed", "explicitlyTrashed", "trashingUser", "trashedTime", "parents", "properties", "appProperties", "spaces", "version",
        "webContentLink", "webViewLink", "iconLink", "hasThumbnail", "thumbnailLink", "thumbnailVersion", "viewedByMe", "viewedByMeTime", "createdTime", "modifiedTime", "modifiedByMe",
        "modifiedByMeTime", "sharedWithMeTime", "sharingUser", "owners", "teamDriveId", "driveId", "lastModifyingUser", "shared", "ownedByMe", "capabilities", "viewersCanCopyContent",
        "copyRequiresWriterPermission", "writersCanShare", "permissions", "permissionIds", "hasAugmentedPermissions", "folderColorRgb", "originalFilename", "fullFileExtension", "fileExtension",
        "md5Checksum", "sha1Checksum", "sha256Checksum", "size", "quotaBytesUsed", "headRevisionId", "contentHints", "imageMediaMetadata", "videoMediaMetadata", "isAppAuthorized", "exportLinks",
        "shortcutDetails", "contentRestrictions", "labelInfo", "resourceKey", "linkShareMetadata", "downloadRestrictions", "inheritedPermissionsDisabled",
    };

    public static JsonObject Of(DriveFile file, bool isTrashed, Caller caller)
    {
        var isMine = file.Owner == caller.Account;
        var json = new JsonObject
        {
            ["kind"] = "drive#file",
            ["id"] = file.Id,
            ["name"] = file.Name,
            ["mimeType"] = file.MimeType,
            ["starred"] = file.Starred,
            ["trashed"] = isTrashed,
            ["explicitlyTrashed"] = file.IsTrashed,
            ["spaces"] = new JsonArray("drive"),
            ["version"] = Number(file.Version),
            ["createdTime"] = Time(file.Created),
            ["modifiedTime"] = Time(file.Modified),
            ["quotaBytesUsed"] = Number(file.Size),
            ["isAppAuthorized"] = file.CreatedBy == caller.ClientId,
            ["capabilities"] = new JsonObject { ["canDownload"] = !file.IsFolder, ["canAddChildren"] = file.IsFolder, ["canListChildren"] = file.IsFolder, ["canEdit"] = true, ["canTrash"] = true, ["canDelete"] = true, ["canCopy"] = !file.IsFolder, ["canRename"] = true },
        };
        AddPlace(json, file, isMine);
        AddContent(json, file);
        AddTexts(json, file, caller);
        return json;
    }

    /// <summary>A count or a size, as Drive writes it.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static JsonObject User(string account, bool isMe) => new()
    {
        ["kind"] = "drive#user",
        ["displayName"] = account.Split('@')[0],
        ["me"] = isMe,
        ["permissionId"] = PermissionId(account),
        ["emailAddress"] = account,
    };

    /// <summary>The same number for the same account.</summary>
    public static string PermissionId(string account)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(account));
        return (BitConverter.ToUInt64(hash) | (1ul << 63)).ToString(CultureInfo.InvariantCulture);
    }

    private static void AddPlace(JsonObject json, DriveFile file, bool isMine)
    {
        if (file.ParentId is { } parent)
        {
            json["parents"] = new JsonArray(parent);
        }

        if (file.DriveId is { } drive)
        {
            json["driveId"] = drive;
            json["teamDriveId"] = drive;
        }

        if (file.Owner is { } owner)
        {
            json["owners"] = new JsonArray(User(owner, isMine));
            json["ownedByMe"] = isMine;
            json["shared"] = file.Roles.Count > 0;
        }
    }

    private static void AddContent(JsonObject json, DriveFile file)
    {
        if (file.Content is not { } content)
        {
            return;
        }

        json["size"] = Number(content.Size);
        json["md5Checksum"] = content.Md5;
        json["headRevisionId"] = content.Name;
        json["originalFilename"] = file.OriginalFilename ?? file.Name;
        json["fileExtension"] = Path.GetExtension(file.Name).TrimStart('.');
        if (content.Sha256 is { } sha256)
        {
            json["sha256Checksum"] = sha256;
        }
    }

    private static void AddTexts(JsonObject json, DriveFile file, Caller caller)
    {
        if (file.Description is { } description)
        {
            json["description"] = description;
        }

        if (file.Properties.Count > 0)
        {
            json["properties"] = Map(file.Properties);
        }

        if (file.AppProperties.TryGetValue(caller.ClientId, out var mine) && mine.Count > 0)
        {
            json["appProperties"] = Map(mine);
        }
    }

    private static JsonObject Map(IReadOnlyDictionary<string, string> pairs) => new(pairs.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
}
