using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;

namespace BackupSidecar.Api;

/// <summary>A call is refused, or could not be done, for a reason of the contract.</summary>
internal sealed class ApiException(ErrorReason reason, string message, string hint) : OperatorException(FailureKind.Failed, message, hint)
{
    public ErrorReason Reason { get; } = reason;
}
