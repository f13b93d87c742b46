namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>What the user of a credential may do with a file or folder.</summary>
internal sealed record FileCapabilities
{
    public bool? CanAddChildren { get; init; }

    public bool? CanListChildren { get; init; }

    public bool? CanEdit { get; init; }
}
