namespace BackupSidecar.Following;

/// <summary>What a follower is doing.</summary>
internal enum FollowState
{
    Unspecified = 0,

    /// <summary>It looks for what is stored.</summary>
    Opening,

    /// <summary>An application has the database open in WAL mode; its commits are captured.</summary>
    Attached,

    /// <summary>No application has the database open in WAL mode, or it has a rollback journal: changes of the file are captured.</summary>
    Detached,

    /// <summary>It came to its end.</summary>
    Ended,
}
