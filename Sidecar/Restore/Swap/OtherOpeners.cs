namespace BackupSidecar.Restore.Swap;

/// <summary>Whether anybody else has a file open.</summary>
internal enum OtherOpeners
{
    /// <summary>This file system, or the rights of this process, do not allow the question.</summary>
    Unknown = 0,

    None,

    Some,
}
