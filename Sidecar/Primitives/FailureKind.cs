namespace BackupSidecar.Primitives;

/// <summary>What a failure means to whoever must act on it; the faces map it to exit codes and statuses.</summary>
internal enum FailureKind
{
    Unspecified = 0,

    /// <summary>Anything that none of the others names: input, storage, I/O.</summary>
    Failed,

    /// <summary>Part of the work is done and safe, part is not.</summary>
    Partial,

    /// <summary>There is no repository where one was expected.</summary>
    RepositoryMissing,

    /// <summary>Another process holds the repository or the state.</summary>
    Locked,

    /// <summary>Stored data, or a restored database, is not what it should be.</summary>
    VerificationFailed,

    /// <summary>The database is open in an application.</summary>
    DatabaseInUse,

    /// <summary>The environment would make the work unsafe.</summary>
    UnsafeEnvironment,
}
