namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>An app whose secret is checked. Apps that nobody has registered are taken as they come.</summary>
internal sealed record RegisteredClient(string Id, string Secret);
