namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>A shared drive.</summary>
internal sealed record SharedDrive
{
    public string? Id { get; init; }

    public string? Name { get; init; }
}
