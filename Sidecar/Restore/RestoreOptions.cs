namespace BackupSidecar.Restore;

/// <summary>What one restore is asked to do.</summary>
internal sealed record RestoreOptions
{
    /// <summary>Null: the only source of the repository.</summary>
    public string? SourceName { get; init; }

    public RestoreChoice Choice { get; init; } = RestoreChoice.Newest;

    public required string OutputPath { get; init; }

    /// <summary>Replace a database that is there, keeping it as a safety copy.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Do nothing, successfully, if the file is there.</summary>
    public bool IfMissing { get; init; }

    /// <summary>With <see cref="IfMissing"/>: do nothing, successfully, if no repository holds anything of the source and all of them could be read, as before the first backup of all.</summary>
    public bool StartEmpty { get; init; }

    /// <summary>The operator's word that nothing has the old database open, where SQLite's locks cannot tell.</summary>
    public bool AppIsStopped { get; init; }

    /// <summary>Run integrity_check and foreign_key_check before the database is put in place. The fingerprint is always checked.</summary>
    public bool SqliteChecks { get; init; } = true;

    /// <summary>Blocks that are read, decompressed and written at the same time; 1 to 16. Each costs about 1 MB.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 16);
}
