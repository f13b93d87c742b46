using BackupSidecar.Primitives;

namespace BackupSidecar.Restore;

/// <summary>Another repository holds a newer position than the one that would be restored, or another history of the source.</summary>
internal sealed class NewerElsewhereException(string warning, string message, string hint) : OperatorException(FailureKind.VerificationFailed, message, hint)
{
    /// <summary>How the same begins for a person who may restore all the same.</summary>
    public string Warning => warning;
}
