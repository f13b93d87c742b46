namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>What a failed call means to whoever made it.</summary>
internal enum DriveFaultKind
{
    Unspecified = 0,

    /// <summary>The connection, or Drive's side: asking again may help.</summary>
    Transient,

    /// <summary>Too much was asked: again later helps.</summary>
    RateLimited,

    /// <summary>What was named does not exist, or this credential does not see it.</summary>
    Missing,

    /// <summary>The id is taken.</summary>
    Exists,

    /// <summary>The range is outside of the content.</summary>
    OutOfRange,

    /// <summary>The role of the account does not reach for this.</summary>
    NotAllowed,

    /// <summary>Asking again does not help; the hint says what does.</summary>
    Refused,

    /// <summary>Our own limit of requests a day.</summary>
    DailyLimit,
}
