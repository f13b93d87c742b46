namespace BackupSidecar.DriveEmulator.Files;

/// <summary>A file, a folder, the root of an account or of a shared drive, as it is kept. Never changed: a change is a new value.</summary>
internal sealed record DriveFile
{
    public const string FolderType = "application/vnd.google-apps.folder";

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string MimeType { get; init; }

    /// <summary>The folder that holds it; null for roots.</summary>
    public string? ParentId { get; init; }

    /// <summary>The account that owns it; null in shared drives.</summary>
    public string? Owner { get; init; }

    /// <summary>The shared drive that it is in, or whose root it is; null in an account's own storage.</summary>
    public string? DriveId { get; init; }

    /// <summary>The app that created it: with drive.file an app sees no other files.</summary>
    public required string CreatedBy { get; init; }

    public string? Description { get; init; }

    public string? OriginalFilename { get; init; }

    public bool Starred { get; init; }

    /// <summary>Put into the trash itself. What is in a trashed folder is trashed as well, without saying so here.</summary>
    public bool IsTrashed { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Modified { get; init; }

    /// <summary>Grows with every change of anything.</summary>
    public long Version { get; init; } = 1;

    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>By app, then by key: an app sees its own only.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> AppProperties { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Roles of accounts beside the owner's; on the root of a shared drive, those of its members. They hold for all below.</summary>
    public IReadOnlyDictionary<string, string> Roles { get; init; } = new Dictionary<string, string>();

    /// <summary>Null for folders and other files without content of their own.</summary>
    public FileContent? Content { get; init; }

    /// <summary>The resumable session whose end made the content, so that a repeated question finds its answer.</summary>
    public string? Session { get; init; }

    public bool IsFolder => MimeType == FolderType;

    public bool IsRoot => ParentId is null;

    public long Size => Content?.Size ?? 0;
}
