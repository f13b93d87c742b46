namespace BackupSidecar.Store.FileSystem;

/// <summary>How a staged file gets its name without replacing another one, best first. Each falls back to the next where the file system refuses it.</summary>
internal enum PublishWay
{
    Unspecified = 0,

    /// <summary>renameat2(2) with RENAME_NOREPLACE.</summary>
    RenameWithoutReplacing,

    /// <summary>link(2), which does not replace either: NFS and others.</summary>
    Link,

    /// <summary>Two steps. Between processes the writer lock stands in for what the file system cannot do.</summary>
    CheckThenRename,
}
