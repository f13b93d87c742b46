using System.Globalization;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Drives;

/// <summary>Shared drives. Each is a folder without a parent, whose id is the drive's.</summary>
internal sealed class DriveCalls(FileIndex files, FileRights rights, Membership membership, FileIds ids, TimeProvider time)
{
    private const int PageSizeMax = 100;

    public IEnumerable<CallRoute> Routes() =>
    [
        new("drives.create", "POST", "/drive/v3/drives", Units: 50, NeedsToken: true, CreateAsync),
        new("drives.list", "GET", "/drive/v3/drives", Units: 100, NeedsToken: true, ListAsync),
        new("drives.get", "GET", "/drive/v3/drives/{id}", Units: 5, NeedsToken: true, GetAsync),
        new("drives.delete", "DELETE", "/drive/v3/drives/{id}", Units: 50, NeedsToken: true, DeleteAsync),
        new("permissions.create", "POST", "/drive/v3/files/{id}/permissions", Units: 50, NeedsToken: true, ShareAsync),
    ];

    public static DriveException NotFound(string driveId) => new(404, "notFound", $"Shared drive not found: {driveId}") { Parameter = "driveId" };

    private async Task CreateAsync(Call call, CancellationToken ct)
    {
        FileRights.EnsureScope(call.Caller.MayWriteAll);
        var metadata = await FileMetadata.ReadAsync(call.Request.Body, ct);
        var request = call.Parameter("requestId") ?? throw new DriveException(400, "required", "Required parameter: requestId") { Parameter = "requestId" };
        var id = ids.ForRoot($"drive {call.Caller.Account} {request}");
        if (files.IsUsed(id))
        {
            throw new DriveException(409, "conflict", "A shared drive was already created with this requestId.");
        }

        if (call.Caller.IsServiceAccount)
        {
            throw new DriveException(403, "userCannotCreateTeamDrives", "The user cannot create shared drives.");
        }

        var drive = files.Create(new DriveFile
        {
            Id = id,
            Name = metadata.Name ?? throw new DriveException(400, "required", "Required field: name"),
            MimeType = DriveFile.FolderType,
            DriveId = id,
            CreatedBy = call.Caller.ClientId,
            Created = time.GetUtcNow(),
            Modified = time.GetUtcNow(),
            Roles = new Dictionary<string, string> { [call.Caller.Account] = "organizer" },
        });
        await call.AnswerAsync(call.Fields("*").Apply(Show(drive)), ct);
    }

    private Task ListAsync(Call call, CancellationToken ct)
    {
        FileRights.EnsureScope(call.Caller.MayReadDrives);
        var size = call.Number("pageSize", absent: 10, min: 1, max: PageSizeMax);
        var start = call.Parameter("pageToken") is not { } token ? 0
            : int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw DriveException.Invalid("pageToken", "Invalid Value");
        var drives = files.All().Where(file => file.DriveId == file.Id && rights.Sees(call.Caller, file)).OrderBy(file => file.Created).ThenBy(file => file.Id, StringComparer.Ordinal).ToList();
        var answer = new JsonObject { ["kind"] = "drive#driveList" };
        if (start + size < drives.Count)
        {
            answer["nextPageToken"] = $"{start + size}";
        }

        answer["drives"] = new JsonArray([.. drives.Skip(start).Take(size).Select(Show)]);
        return call.AnswerAsync(call.Fields("*").Apply(answer), ct);
    }

    private Task GetAsync(Call call, CancellationToken ct)
    {
        FileRights.EnsureScope(call.Caller.MayReadDrives);
        return call.AnswerAsync(call.Fields("*").Apply(Show(Find(call))), ct);
    }

    private Task DeleteAsync(Call call, CancellationToken ct)
    {
        FileRights.EnsureScope(call.Caller.MayWriteAll);
        var drive = Find(call);
        if (rights.RoleOf(call.Caller.Account, drive) != "organizer")
        {
            throw new DriveException(403, "insufficientFilePermissions", "The user does not have sufficient permissions for this file.");
        }

        if (files.All().Any(file => file.DriveId == drive.Id && file.Id != drive.Id))
        {
            throw new DriveException(403, "cannotDeleteResourceWithChildren", "The shared drive is not empty.");
        }

        files.Delete(drive.Id);
        call.AnswerNothing(204);
        return Task.CompletedTask;
    }

    private async Task ShareAsync(Call call, CancellationToken ct)
    {
        var file = rights.Write(call, call.Argument, "writer");
        var body = (await FileMetadata.ReadAsync(call.Request.Body, ct)).Json;
        var (type, role, account) = ((string?)body["type"], (string?)body["role"], (string?)body["emailAddress"]);
        if (type != "user" || role is null || account is null)
        {
            throw DriveException.Invalid("permission", "The emulator gives roles to users, by emailAddress.");
        }

        membership.Set(file.Id, account, role);
        await call.AnswerAsync(new JsonObject { ["kind"] = "drive#permission", ["id"] = FileResource.PermissionId(account), ["type"] = type, ["role"] = role }, ct);
    }

    private DriveFile Find(Call call) =>
        files.Find(call.Argument) is { } drive && drive.DriveId == drive.Id && rights.Sees(call.Caller, drive) ? drive : throw NotFound(call.Argument);

    private static JsonObject Show(DriveFile drive) => new()
    {
        ["kind"] = "drive#drive",
        ["id"] = drive.Id,
        ["name"] = drive.Name,
        ["createdTime"] = FileResource.Time(drive.Created),
        ["hidden"] = false,
    };
}
