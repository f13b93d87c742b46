using BackupSidecar.Primitives;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>A credential that is missing, unreadable or not what it should be. Neither message nor hint holds a secret.</summary>
internal class DriveCredentialException(string message, string hint, Exception? innerException = null)
    : StoreException(FailureKind.Failed, message, hint, innerException);
