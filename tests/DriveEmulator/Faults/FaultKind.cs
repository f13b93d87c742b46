namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>What a fault does to a call.</summary>
public enum FaultKind
{
    /// <summary>Not said: refused.</summary>
    Unspecified,

    /// <summary>Answers a status and an error body.</summary>
    Status,

    /// <summary>Cuts the connection: before the call takes effect, in the middle of its body, or afterwards, so that the answer is lost.</summary>
    Cut,

    /// <summary>The body of the answer ends early.</summary>
    Truncate,

    /// <summary>One bit of a body is another one on the way.</summary>
    Corrupt,

    /// <summary>Of a piece of a resumable upload less is stored than was sent, or nothing.</summary>
    ShortPersist,

    /// <summary>The session of a resumable upload is gone from now on.</summary>
    SessionGone,

    /// <summary>The call takes longer.</summary>
    Delay,

    /// <summary>Bodies come and go slowly.</summary>
    Bandwidth,
}
