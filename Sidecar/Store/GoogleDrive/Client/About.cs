namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>Who a credential stands for, and the space that he has.</summary>
internal sealed record About
{
    public DriveUser? User { get; init; }

    public StorageQuota? StorageQuota { get; init; }
}
