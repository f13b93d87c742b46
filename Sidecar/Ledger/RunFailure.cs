namespace BackupSidecar.Ledger;

/// <summary>The last run of a source that failed.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What it was for.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Hint">What to do.</param>
internal sealed record RunFailure(DateTimeOffset At, RunKind Kind, string Message, string Hint);
