namespace BackupSidecar.Repository;

/// <summary>Why a change of a backup is refused. Each has its reason in the contract.</summary>
internal enum BackupRefusal
{
    Unspecified = 0,
    NotFound,
    Ambiguous,
    Pinned,
    LastProof,
    Deleted,
    NotDeleted,
}
