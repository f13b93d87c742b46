namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>An account.</summary>
internal sealed record DriveUser
{
    public string? DisplayName { get; init; }

    public string? EmailAddress { get; init; }
}
