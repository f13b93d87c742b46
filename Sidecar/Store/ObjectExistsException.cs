using BackupSidecar.Primitives;

namespace BackupSidecar.Store;

/// <summary>A name that was to be published is taken. The object under it is untouched.</summary>
internal sealed class ObjectExistsException(ObjectName name, string location)
    : StoreException(FailureKind.Failed, $"'{name}' already exists in {location}.", "Objects are never overwritten. Look for a second writer on this repository.");
