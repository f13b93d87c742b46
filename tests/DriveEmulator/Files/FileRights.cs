using BackupSidecar.DriveEmulator.Accounts;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>Who may see and change what: the account's role, the app's scope, and whether the caller is ready for shared drives.</summary>
internal sealed class FileRights(FileIndex files)
{
    /// <summary>From the weakest to the strongest.</summary>
    private static readonly string[] Roles = ["", "reader", "commenter", "writer", "fileOrganizer", "organizer", "owner"];

    /// <summary>The file of an id, or of the alias <c>root</c>.</summary>
    /// <exception cref="DriveException">404: there is none that the caller sees; 403: the scope allows no reading.</exception>
    public DriveFile Read(Call call, string id)
    {
        var file = ReadAnywhere(call, id);
        return file.DriveId is null || call.SupportsAllDrives ? file : throw DriveException.NotFound(id);
    }

    /// <summary>The same, whether or not the caller says that he is ready for shared drives: downloads need not say it, as rclone relies on.</summary>
    /// <inheritdoc cref="Read"/>
    public DriveFile ReadAnywhere(Call call, string id)
    {
        EnsureScope(call.Caller.MayList);

        var file = id == "root" ? files.RootOf(call.Caller.Account) : files.Find(id) ?? throw DriveException.NotFound(id);
        return Sees(call.Caller, file) ? file : throw DriveException.NotFound(id);
    }

    /// <summary>The file of an id that the caller may change, in the way that needs <paramref name="role"/>.</summary>
    /// <exception cref="DriveException">404: there is none that the caller sees; 403: the caller may not.</exception>
    public DriveFile Write(Call call, string id, string role)
    {
        EnsureWriteScope(call.Caller);
        var file = id == "root" ? files.RootOf(call.Caller.Account) : files.Find(id);
        if (file is null || RoleOf(call.Caller.Account, file).Length == 0 || (file.DriveId is not null && !call.SupportsAllDrives))
        {
            throw DriveException.NotFound(id);
        }

        if (!SeesByScope(call.Caller, file))
        {
            throw new DriveException(403, "appNotAuthorizedToFile", $"The user has not granted the app {call.Caller.ClientId} write access to the file {id}.") { Parameter = "Authorization" };
        }

        EnsureRole(call.Caller, file, role);
        return file;
    }

    /// <summary>The folder that a file is to be put into.</summary>
    /// <exception cref="DriveException">404: there is none that the caller sees; 403: it is no folder, or the caller may not write there.</exception>
    public DriveFile Folder(Call call, string id)
    {
        // With drive.file a root cannot be read, and yet be put into.
        var folder = id == "root" ? files.RootOf(call.Caller.Account) : files.Find(id) is { IsRoot: true } root && MayReach(call, root) ? root : Read(call, id);
        if (!folder.IsFolder)
        {
            throw new DriveException(403, "parentNotAFolder", "The specified parent is not a folder.");
        }

        EnsureRole(call.Caller, folder, "writer");
        return folder;
    }

    /// <summary>The account has a role on the file, whatever the app may see of it.</summary>
    public bool MayReach(Call call, DriveFile file) => RoleOf(call.Caller.Account, file).Length > 0 && (file.DriveId is null || call.SupportsAllDrives);

    public bool Sees(Call call, DriveFile file) => Sees(call.Caller, file) && (file.DriveId is null || call.SupportsAllDrives);

    public bool Sees(Caller caller, DriveFile file) => SeesByScope(caller, file) && RoleOf(caller.Account, file).Length > 0;

    /// <summary>The strongest role of an account on a file, by itself or by a folder above; empty: none.</summary>
    public string RoleOf(string account, DriveFile file)
    {
        if (file.Owner == account)
        {
            return "owner";
        }

        var role = file.Roles.GetValueOrDefault(account, "");
        foreach (var folder in files.FoldersAbove(file))
        {
            var inherited = folder.Owner == account ? "owner" : folder.Roles.GetValueOrDefault(account, "");
            role = Strength(inherited) > Strength(role) ? inherited : role;
        }

        return role;
    }

    public static void EnsureWriteScope(Caller caller) => EnsureScope(caller.MayWrite);

    /// <exception cref="DriveException">403: what was granted to the app is not enough.</exception>
    public static void EnsureScope(bool isEnough)
    {
        if (!isEnough)
        {
            throw ScopeTooSmall();
        }
    }

    private static DriveException ScopeTooSmall() =>
        new(403, "insufficientPermissions", "Insufficient Permission: Request had insufficient authentication scopes.") { Parameter = "Authorization" };

    public static bool IsRole(string role) => role.Length > 0 && Roles.Contains(role);

    private void EnsureRole(Caller caller, DriveFile file, string role)
    {
        if (Strength(RoleOf(caller.Account, file)) < Strength(role))
        {
            throw new DriveException(403, "insufficientFilePermissions", "The user does not have sufficient permissions for this file.");
        }
    }

    private static bool SeesByScope(Caller caller, DriveFile file) => caller.SeesAll || file.CreatedBy == caller.ClientId;

    private static int Strength(string role) => Array.IndexOf(Roles, role);
}
