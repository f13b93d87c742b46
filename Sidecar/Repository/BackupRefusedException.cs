using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A change of a backup that its state does not allow. Nothing was changed.</summary>
internal sealed class BackupRefusedException(BackupRefusal refusal, string message, string hint) : OperatorException(FailureKind.Failed, message, hint)
{
    public BackupRefusal Refusal { get; } = refusal;
}
