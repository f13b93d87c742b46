namespace BackupSidecar.Following;

/// <summary>The last failure of a source.</summary>
/// <param name="At">When it came.</param>
/// <param name="Since">When the first of the failures came between which nothing succeeded.</param>
/// <param name="Message">What failed.</param>
/// <param name="Hint">What to do.</param>
/// <param name="NextTryAt">Null while it is tried again, and when it is over.</param>
/// <param name="OverAt">When everything was captured again; null if it is not over.</param>
internal sealed record SourceTrouble(DateTimeOffset At, DateTimeOffset Since, string Message, string Hint, DateTimeOffset? NextTryAt, DateTimeOffset? OverAt = null);
