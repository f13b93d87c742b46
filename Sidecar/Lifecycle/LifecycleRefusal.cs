namespace BackupSidecar.Lifecycle;

/// <summary>Why the lifecycle refuses a call. Each has its reason in the contract.</summary>
internal enum LifecycleRefusal
{
    Unspecified = 0,
    NoBackupExists,
    NoSuchGrant,
    ConfirmationTooLate,
    RestoreUnderWay,
    RestoreNotFound,
    RestoreNotCancellable,
    RestoreNotUndoable,
    Ending,
}
