namespace BackupSidecar.Source;

/// <summary>A read mark of a log that another process holds: as long as it does, the log is not started anew.</summary>
/// <param name="Mark">1 to 4; 0 is that of those who read the database file alone, and keeps checkpoints from copying into it.</param>
/// <param name="Frame">The last frame that its holders may read.</param>
/// <param name="ProcessId">One of its holders; 0: a process of another PID namespace, such as another container; negative: it cannot be told.</param>
internal readonly record struct HeldReadMark(int Mark, uint Frame, int ProcessId);
