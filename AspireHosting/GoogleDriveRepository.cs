using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>A folder of Google Drive that the sidecar feeds from its own repository.</summary>
/// <param name="Name">How status and commands name it.</param>
/// <param name="Folder">The id of the folder, which <c>backup-sidecar repository add</c> makes.</param>
/// <param name="Credential">What the variable is given that the sidecar reads the credential from.</param>
/// <param name="CredentialKind">As <c>remotes[].drive.credentialKind</c>.</param>
/// <param name="SharedDrive">The id of the shared drive that the folder lies in; null: the account's own drive.</param>
/// <param name="Endpoint">An emulator on this machine, asked in place of Google; null: Google.</param>
/// <param name="Interval">How often it is fed, as the configuration writes durations; null: the default.</param>
internal sealed record GoogleDriveRepository(
    string Name, IValueProvider Folder, ParameterResource Credential, string CredentialKind, string? SharedDrive, EndpointReference? Endpoint, string? Interval);
