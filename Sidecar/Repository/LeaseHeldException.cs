using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>Another sidecar writes to the repository, or has taken it over.</summary>
internal sealed class LeaseHeldException(string message, string hint) : OperatorException(FailureKind.Locked, message, hint)
{
    /// <summary>True: the newest lease is this sidecar's as well, by its state directory. Whoever opens the repository anew goes on with it.</summary>
    public bool IsOurs { get; init; }
}
