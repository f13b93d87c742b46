using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Remote;

/// <summary>Nobody answered at an address.</summary>
internal sealed class NobodyAnswersException(string message, string hint, Exception innerException) : OperatorException(FailureKind.Failed, message, hint, innerException);
