namespace BackupSidecar.Following;

/// <summary>The last failure of a source.</summary>
/// <param name="At">When it came.</param>
/// <param name="Message">What failed.</param>
/// <param name="Hint">What to do.</param>
/// <param name="NextTryAt">Null if it is over.</param>
internal sealed record SourceTrouble(DateTimeOffset At, string Message, string Hint, DateTimeOffset? NextTryAt);
