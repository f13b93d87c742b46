namespace BackupSidecar.Following;

/// <summary>What the final capture of a source leaves open.</summary>
internal enum FollowingEnd
{
    Unspecified = 0,

    /// <summary>Nobody was attached when the final capture was made: it holds every commit.</summary>
    Complete,

    /// <summary>An app was still attached: commits after the final capture are possible, and are captured at the next start.</summary>
    CommitsPossible,

    /// <summary>The database that was followed is not there any more. An app that still has the deleted file open may commit into it; of that nothing is captured.</summary>
    DatabaseGone,
}
