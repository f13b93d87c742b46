using BackupSidecar.Primitives;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>A call to Drive failed. Neither message nor hint holds a token, a key or the address of an upload.</summary>
internal sealed class DriveCallException(DriveFaultKind fault, FailureKind kind, string message, string hint, TimeSpan? retryAfter, Exception? innerException)
    : StoreException(kind, message, hint, innerException)
{
    public DriveFaultKind Fault => fault;

    /// <summary>How long Drive asked to be left alone; null: it did not say.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    public bool IsPassing => fault is DriveFaultKind.Transient or DriveFaultKind.RateLimited;
}
