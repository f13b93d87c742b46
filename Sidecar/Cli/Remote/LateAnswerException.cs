using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Remote;

/// <summary>Whoever answers there has not done so in time.</summary>
internal sealed class LateAnswerException(string message, string hint, Exception innerException) : OperatorException(FailureKind.Failed, message, hint, innerException);
