namespace BackupSidecar.Capture;

/// <summary>How the pages of a changeset were found.</summary>
internal enum CaptureMethod
{
    Unspecified = 0,

    /// <summary>Frames of the write-ahead log since the last capture.</summary>
    Wal,

    /// <summary>The log was started anew since: page numbers from what is left of the old one, contents by a read transaction.</summary>
    OldTail,

    /// <summary>Every page was compared with its hash at the last position.</summary>
    PageHashes,

    /// <summary>Every page was taken.</summary>
    Full,
}
