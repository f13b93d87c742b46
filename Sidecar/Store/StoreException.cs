using BackupSidecar.Primitives;

namespace BackupSidecar.Store;

/// <summary>A store could not do what it was asked: no space, no permission, an I/O error. The message names store, object and step.</summary>
internal class StoreException(FailureKind kind, string message, string hint, Exception? innerException = null)
    : OperatorException(kind, message, hint, innerException);
