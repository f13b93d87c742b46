namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>One page of a listing. It may be empty and yet have a next one.</summary>
internal sealed record FileList
{
    public string? NextPageToken { get; init; }

    /// <summary>True: not every place was searched.</summary>
    public bool? IncompleteSearch { get; init; }

    public List<DriveFile>? Files { get; init; }
}
