namespace BackupSidecar.Following;

/// <summary>How far a follower goes to keep up.</summary>
internal enum CaptureMode
{
    Unspecified = 0,

    /// <summary>It only reads: no read mark is held between captures, and the app's checkpoints stay its own.</summary>
    Observe,

    /// <summary>A log that grows past its limit is copied into the database, so that the app starts it anew.</summary>
    Assist,
}
