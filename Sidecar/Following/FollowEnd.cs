namespace BackupSidecar.Following;

/// <summary>How following ended when it was asked to.</summary>
internal enum FollowEnd
{
    Unspecified = 0,

    /// <summary>After the final capture nobody had the database open: nothing can be missing.</summary>
    Complete,

    /// <summary>An application was still there: it may have committed after the final capture.</summary>
    CommitsPossible,
}
