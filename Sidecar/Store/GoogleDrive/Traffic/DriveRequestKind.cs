namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>What a request asks for, as far as its cost goes.</summary>
internal enum DriveRequestKind
{
    /// <summary>Metadata of one file, and whatever else is read that is no listing.</summary>
    Get,

    List,

    Download,

    /// <summary>Creates, changes or deletes; also each piece of an upload, and whatever cost is not documented.</summary>
    Write,
}
