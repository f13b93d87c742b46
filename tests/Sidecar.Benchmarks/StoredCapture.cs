namespace BackupSidecar.Benchmarks;

/// <summary>A line of serve's log: a capture that is stored, flushed to disk and known to its local state.</summary>
/// <param name="At">When the line arrived here, as a timestamp of the clock.</param>
/// <param name="Method">"Wal", "OldTail" or "compared".</param>
internal sealed record StoredCapture(long At, string Source, string Method, int Pages);
