namespace BackupSidecar.Following;

/// <summary>A cheaper way that could not be proved.</summary>
/// <param name="At">When it was tried.</param>
/// <param name="Method">"wal" or "old tail".</param>
/// <param name="Reason">A part of a sentence.</param>
internal sealed record RefusedCapture(DateTimeOffset At, string Method, string Reason);
