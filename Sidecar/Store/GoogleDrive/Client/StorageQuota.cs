namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>Space of an account, in bytes.</summary>
internal sealed record StorageQuota
{
    /// <summary>Null: there is no limit, or it is not told.</summary>
    public long? Limit { get; init; }

    public long? Usage { get; init; }

    public long? UsageInDriveTrash { get; init; }
}
