using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Accounts;

/// <summary><c>about.get</c>: who the caller is and how much storage is left.</summary>
internal sealed class AboutCall(FileIndex files, EmulatorOptions options)
{
    public CallRoute Route() => new("about.get", "GET", "/drive/v3/about", Units: 5, NeedsToken: true, AnswerAsync);

    private Task AnswerAsync(Call call, CancellationToken ct)
    {
        FileRights.EnsureScope(call.Caller.MayList);
        if (call.Parameter("fields") is null)
        {
            throw new DriveException(400, "required", "The 'fields' parameter is required for this method.") { Parameter = "fields" };
        }

        var account = call.Caller.Account;
        var trash = files.All().Where(file => file.Owner == account && files.IsTrashed(file)).Sum(file => file.Size);
        var usage = FileResource.Number(files.UsageOf(account));
        var about = new JsonObject
        {
            ["kind"] = "drive#about",
            ["user"] = FileResource.User(account, isMe: true),
            ["storageQuota"] = new JsonObject
            {
                ["limit"] = FileResource.Number(call.Caller.IsServiceAccount ? 0 : options.QuotaBytes),
                ["usage"] = usage,
                ["usageInDrive"] = usage,
                ["usageInDriveTrash"] = FileResource.Number(trash),
            },
            ["maxUploadSize"] = "5242880000000",
            ["appInstalled"] = false,
            ["canCreateDrives"] = !call.Caller.IsServiceAccount,
            ["canCreateTeamDrives"] = !call.Caller.IsServiceAccount,
            ["importFormats"] = new JsonObject(),
            ["exportFormats"] = new JsonObject(),
            ["folderColorPalette"] = new JsonArray(),
        };
        return call.AnswerAsync(call.Fields("*").Apply(about), ct);
    }
}
