using BackupSidecar.Primitives;

namespace BackupSidecar.Lifecycle;

/// <summary>A call that the state of a restore does not allow. Nothing was changed.</summary>
internal sealed class LifecycleException(LifecycleRefusal refusal, string message, string hint) : OperatorException(FailureKind.Failed, message, hint)
{
    public LifecycleRefusal Refusal { get; } = refusal;
}
