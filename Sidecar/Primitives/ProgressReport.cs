namespace BackupSidecar.Primitives;

/// <summary>How far a run is. <see cref="TotalBytes"/> is 0 while it is unknown.</summary>
internal readonly record struct ProgressReport(string Step, long DoneBytes, long TotalBytes);
