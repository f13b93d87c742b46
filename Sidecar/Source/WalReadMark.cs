namespace BackupSidecar.Source;

/// <summary>A read mark that another process holds: until it lets go, the log cannot be started anew.</summary>
/// <param name="Mark">1 to 4. Mark 0 reads no log, and holds up nothing.</param>
/// <param name="Frame">The last frame that its holder may read.</param>
/// <param name="ProcessId">One of its holders; zero or less if that is in another PID namespace.</param>
internal readonly record struct WalReadMark(int Mark, uint Frame, int ProcessId);
