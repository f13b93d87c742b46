using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Output;

/// <summary>Standard output takes no more: a full disk behind it, for example. What was done stays done.</summary>
internal sealed class OutputLostException(Exception innerException)
    : OperatorException(
        FailureKind.Failed,
        $"Standard output cannot be written: {innerException.Message}",
        "The work itself may be done: 'list' shows what is stored. Make room where the output goes.",
        innerException);
