using BackupSidecar.Primitives;

namespace BackupSidecar.Store;

/// <summary>Another writer holds the store.</summary>
internal sealed class StoreLockedException(string location, string holder)
    : StoreException(FailureKind.Locked, $"{location} is locked by another writer: {holder}.", "Wait until it has finished, or stop it; the lock goes away with its process. What serve captures needs no backup of its own: 'list --points' shows it, and restore takes it with --at. To give a moment a label, stop serve first.")
{
    /// <summary>Who, in the words that it left.</summary>
    public string Holder => holder;
}
