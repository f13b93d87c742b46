using BackupSidecar.Primitives;

namespace BackupSidecar.Store;

/// <summary>What lies in a store's place is not what its writer's lock was taken of. Opening the store anew is all that helps.</summary>
internal sealed class StoreReplacedException(string message, string hint) : StoreException(FailureKind.Failed, message, hint);
