using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Drives;
using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;
using BackupSidecar.DriveEmulator.Query;

namespace BackupSidecar.DriveEmulator.Listing;

/// <summary><c>files.list</c>.</summary>
internal sealed class ListCall(FileIndex files, FileRights rights, ListedFiles listed, ListPages pages)
{
    private const string DefaultFields = "kind,incompleteSearch,nextPageToken,files(" + FileResource.DefaultFields + ")";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "kind", "incompleteSearch", "nextPageToken", "files" };

    public CallRoute Route() => new("files.list", "GET", "/drive/v3/files", Units: 100, NeedsToken: true, AnswerAsync);

    private Task AnswerAsync(Call call, CancellationToken ct)
    {
        FileRights.EnsureScope(call.Caller.MayList);
        var fields = call.Fields(DefaultFields);
        fields.EnsureKnown(Known);
        var ofFile = fields.Of("files");
        ofFile?.EnsureKnown(FileResource.Known);

        var request = ListRequest.Read(call);
        var page = request.PageToken is { } token ? FindPage(token, call) : new ListPage(Entries(call, request), Next: 0, call.Caller.Account, WasEmpty: false);
        var count = listed.CountOfPage(page, request.PageSize);
        var shown = page.Entries.Skip(page.Next).Take(count);
        var answer = new JsonObject { ["kind"] = "drive#fileList" };
        if (page.Next + count < page.Entries.Count)
        {
            answer["nextPageToken"] = pages.Keep(page with { Next = page.Next + count, WasEmpty = count == 0 });
        }

        answer["incompleteSearch"] = false;
        answer["files"] = new JsonArray([.. shown.Select(file => FileResource.Of(file, files.IsTrashed(file), call.Caller))]);
        return call.AnswerAsync(fields.Apply(answer), ct);
    }

    private ListPage FindPage(string token, Call call) =>
        pages.Find(token) is { } page && page.Account == call.Caller.Account ? page : throw DriveException.Invalid("pageToken", "Invalid Value");

    private List<DriveFile> Entries(Call call, ListRequest request)
    {
        if (request.DriveId is { } driveId && (files.Find(driveId) is not { IsRoot: true } drive || !rights.MayReach(call, drive)))
        {
            throw DriveCalls.NotFound(driveId);
        }

        var root = files.RootOf(call.Caller.Account).Id;
        return listed.Select(
            file => !file.IsRoot
                && (request.DriveId is { } wanted ? file.DriveId == wanted : request.IncludesDrives || file.DriveId is null)
                && rights.Sees(call.Caller, file)
                && request.Matches(new QuerySubject(file, files.IsTrashed(file), call.Caller.ClientId, root)),
            request.Order);
    }
}
