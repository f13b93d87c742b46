namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>Ids under which files can be created.</summary>
internal sealed record GeneratedIds
{
    public List<string>? Ids { get; init; }
}
