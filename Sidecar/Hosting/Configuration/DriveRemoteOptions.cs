using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Credentials;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>A folder of Google Drive as a repository, as it is configured.</summary>
internal sealed record DriveRemoteOptions
{
    public string Folder { get; init; } = "";

    public string? SharedDrive { get; init; }

    /// <summary>One of file and variable is set, unless the configuration is refused.</summary>
    public string? CredentialFile { get; init; }

    public string? CredentialVariable { get; init; }

    public DriveCredentialKind CredentialKind { get; init; } = DriveCredentialKind.Json;

    public string? ClientFile { get; init; }

    public string? Subject { get; init; }

    public int UnitsPerMinute { get; init; } = 325_000;

    public int RequestsPerDay { get; init; } = 200_000;

    public Uri Endpoint { get; init; } = DriveStoreOptions.GoogleRoot;

    /// <param name="stateDirectory">Of this repository alone.</param>
    public DriveStoreOptions ToStore(string stateDirectory) => new()
    {
        FolderId = Folder,
        SharedDriveId = SharedDrive,
        Credential = new DriveCredentialOptions { Kind = CredentialKind, File = CredentialFile, Variable = CredentialVariable, ClientFile = ClientFile, Subject = Subject },
        StateDirectory = stateDirectory,
        UnitsPerMinute = UnitsPerMinute,
        RequestsPerDay = RequestsPerDay,
        RootUri = Endpoint,
    };
}
