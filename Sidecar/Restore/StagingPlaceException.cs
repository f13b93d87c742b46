using BackupSidecar.Primitives;

namespace BackupSidecar.Restore;

/// <summary>The place that a database is assembled in fails, so that another repository would not help.</summary>
internal sealed class StagingPlaceException(string message, string hint, Exception innerException) : OperatorException(FailureKind.Failed, message, hint, innerException);
