using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Makes the folder of a repository.</summary>
internal static class DriveFolder
{
    /// <summary>Makes a folder for one repository in the credential's own drive, or in the shared drive that the options name.</summary>
    /// <param name="name">As people see it. Names are not unique in Drive: a second call makes a second folder.</param>
    /// <param name="options">The id of the folder in them is not looked at.</param>
    /// <param name="accounts">Of the process.</param>
    /// <param name="time">For waiting.</param>
    /// <param name="ct">Ends the wait; whether the folder was made is then not known.</param>
    /// <returns>The folder's id.</returns>
    /// <exception cref="StoreException">It could not be made.</exception>
    public static async ValueTask<string> CreateAsync(string name, DriveStoreOptions options, DriveAccounts accounts, TimeProvider time, CancellationToken ct)
    {
        using var connection = new DriveConnection(options with { FolderId = "" }, accounts, time);
        var body = new DriveFile
        {
            Id = await connection.Ids.NextAsync(ct),
            Name = name,
            MimeType = DriveFile.FolderType,
            Parents = options.SharedDriveId is { } drive ? [drive] : null,
            AppProperties = new(StringComparer.Ordinal) { [DriveLeases.FirstKey] = await connection.Ids.NextAsync(ct) },
        };
        try
        {
            var made = await connection.Retry.CallAsync($"make the folder '{name}'", token => connection.Service.Files.Create(body).ExecuteAsync(token), ct);
            return made.Id ?? body.Id;
        }
        catch (DriveCallException e) when (e.Fault == DriveFaultKind.Exists)
        {
            // The answer to an earlier try was lost.
            return body.Id;
        }
        catch (DriveCallException e) when (e.Fault == DriveFaultKind.Missing && options.SharedDriveId is not null)
        {
            throw new StoreException(
                FailureKind.Failed, $"The shared drive {options.SharedDriveId} does not exist, or this credential is no member of it.", "Check the id, and add the account to the shared drive as a content manager.", e);
        }
    }
}
