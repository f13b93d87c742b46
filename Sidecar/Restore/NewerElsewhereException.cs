using BackupSidecar.Primitives;

namespace BackupSidecar.Restore;

/// <summary>Another repository holds a newer position than the one that would be restored.</summary>
internal sealed class NewerElsewhereException(string message, string hint) : OperatorException(FailureKind.VerificationFailed, message, hint);
