using BackupSidecar.Primitives;

namespace BackupSidecar.Store;

/// <summary>An object that was named does not exist.</summary>
internal sealed class ObjectMissingException(ObjectName name, string location)
    : StoreException(FailureKind.Failed, $"'{name}' does not exist in {location}.", "Run 'verify' to see what else is missing; restore another position, or bring the file back from a copy of the repository.");
