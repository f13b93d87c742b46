using BackupSidecar.Primitives;

namespace BackupSidecar.Store;

/// <summary>Another writer holds the store.</summary>
internal sealed class StoreLockedException(string location, string holder)
    : StoreException(FailureKind.Locked, $"{location} is locked by another writer: {holder}.", "Wait until it has finished, or stop it; the lock goes away with its process.");
