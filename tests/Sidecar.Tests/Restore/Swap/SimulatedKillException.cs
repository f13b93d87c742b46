namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>Ends a run as a kill would: no handler of the product treats it, open files close as those of a dead process do.</summary>
public sealed class SimulatedKillException : Exception;
