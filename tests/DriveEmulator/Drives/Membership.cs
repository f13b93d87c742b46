using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Drives;

/// <summary>The roles of accounts on files, folders and shared drives.</summary>
internal sealed class Membership(FileIndex files)
{
    /// <param name="role">Null: none any more.</param>
    /// <exception cref="DriveException">404: there is no such file; 400: there is no such role.</exception>
    public DriveFile Set(string fileId, string account, string? role)
    {
        if (role is not null && (!FileRights.IsRole(role) || role == "owner"))
        {
            throw DriveException.Invalid("role", $"The emulator has no role '{role}' to give: reader, commenter, writer, fileOrganizer or organizer.");
        }

        return files.Update(fileId, file =>
        {
            var roles = new Dictionary<string, string>(file.Roles, StringComparer.Ordinal);
            roles.Remove(account);
            if (role is not null)
            {
                roles[account] = role;
            }

            return file with { Roles = roles };
        });
    }
}
