namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>A file or folder of Drive, as much of it as is asked for or set.</summary>
internal sealed record DriveFile
{
    /// <summary>What the store and the leases need to know of a file.</summary>
    public const string Fields = "id,name,mimeType,size,md5Checksum,appProperties,trashed,createdTime,parents";

    public const string FolderType = "application/vnd.google-apps.folder";
    public const string ContentType = "application/octet-stream";

    public string? Id { get; init; }

    public string? Name { get; init; }

    public string? MimeType { get; init; }

    /// <summary>Bytes; null for what has no content, such as a folder.</summary>
    public long? Size { get; init; }

    public string? Md5Checksum { get; init; }

    /// <summary>Seen by this application only; at most 124 bytes each, key and value together.</summary>
    public Dictionary<string, string>? AppProperties { get; init; }

    public bool? Trashed { get; init; }

    /// <summary>RFC 3339, by Drive's clock.</summary>
    public string? CreatedTime { get; init; }

    public List<string>? Parents { get; init; }

    /// <summary>Of a shared drive; null in My Drive.</summary>
    public string? DriveId { get; init; }

    public FileCapabilities? Capabilities { get; init; }
}
