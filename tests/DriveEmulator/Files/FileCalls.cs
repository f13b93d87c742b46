using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>The calls on single files without content.</summary>
internal sealed class FileCalls(FileIndex files, FileRights rights, FileWork work, FileIds ids)
{
    private const int IdsMax = 1000;

    public IEnumerable<CallRoute> Routes() =>
    [
        new("files.generateIds", "GET", "/drive/v3/files/generateIds", Units: 5, NeedsToken: true, GenerateIdsAsync),
        new("files.create", "POST", "/drive/v3/files", Units: 50, NeedsToken: true, CreateAsync),
        new("files.emptyTrash", "DELETE", "/drive/v3/files/trash", Units: 50, NeedsToken: true, EmptyTrashAsync),
        new("files.get", "GET", "/drive/v3/files/{id}", Units: 5, NeedsToken: true, GetAsync, request => request.Query["alt"] != "media"),
        new("files.update", "PATCH", "/drive/v3/files/{id}", Units: 50, NeedsToken: true, UpdateAsync),
        new("files.delete", "DELETE", "/drive/v3/files/{id}", Units: 50, NeedsToken: true, DeleteAsync),
    ];

    /// <summary>A file as an answer, with the members that were asked for.</summary>
    public JsonObject Show(DriveFile file, Accounts.Caller caller, string? fields)
    {
        var selection = FieldsSelection.Parse(fields ?? FileResource.DefaultFields);
        selection.EnsureKnown(FileResource.Known);
        return selection.Apply(FileResource.Of(file, files.IsTrashed(file), caller));
    }

    private Task GenerateIdsAsync(Call call, CancellationToken ct)
    {
        FileRights.EnsureWriteScope(call.Caller);
        var count = call.Number("count", absent: 10, min: 1, max: IdsMax);
        var generated = new JsonArray([.. Enumerable.Range(0, count).Select(_ => JsonValue.Create(ids.Next()))]);
        var answer = new JsonObject { ["kind"] = "drive#generatedIds", ["space"] = "drive", ["ids"] = generated };
        return call.AnswerAsync(call.Fields("*").Apply(answer), ct);
    }

    private async Task CreateAsync(Call call, CancellationToken ct)
    {
        var metadata = await FileMetadata.ReadAsync(call.Request.Body, ct);
        var plan = work.PlanCreate(call, metadata, contentType: null, size: null);
        await ShowAsync(call, work.Do(plan, content: null, session: null), ct);
    }

    private Task GetAsync(Call call, CancellationToken ct) => ShowAsync(call, rights.Read(call, call.Argument), ct);

    private async Task UpdateAsync(Call call, CancellationToken ct)
    {
        var metadata = await FileMetadata.ReadAsync(call.Request.Body, ct);
        var plan = work.PlanUpdate(call, call.Argument, metadata, contentType: null, size: null);
        await ShowAsync(call, work.Do(plan, content: null, session: null), ct);
    }

    private Task DeleteAsync(Call call, CancellationToken ct)
    {
        work.Delete(call, call.Argument);
        call.AnswerNothing(204);
        return Task.CompletedTask;
    }

    private Task EmptyTrashAsync(Call call, CancellationToken ct)
    {
        work.EmptyTrash(call);
        call.AnswerNothing(204);
        return Task.CompletedTask;
    }

    private Task ShowAsync(Call call, DriveFile file, CancellationToken ct) => call.AnswerAsync(Show(file, call.Caller, call.Parameter("fields")), ct);
}
