using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>Another sidecar writes to the repository, or has taken it over.</summary>
internal sealed class LeaseHeldException(string message, string hint) : OperatorException(FailureKind.Locked, message, hint);
