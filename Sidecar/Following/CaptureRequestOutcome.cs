namespace BackupSidecar.Following;

/// <summary>How a request ended to store at once what is committed.</summary>
internal enum CaptureRequestOutcome
{
    Unspecified = 0,

    /// <summary>Everything that was committed before it is stored.</summary>
    Stored,

    /// <summary>The source is not followed.</summary>
    Paused,

    /// <summary>Following fails, and is tried again.</summary>
    Failing,

    /// <summary>There is no file at its path.</summary>
    DatabaseMissing,

    /// <summary>It is followed no more.</summary>
    Ended,
}
