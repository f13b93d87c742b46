namespace BackupSidecar.Testing.Store;

/// <summary>Stands for the end of the process: no code under test may treat it.</summary>
internal sealed class SimulatedKillException(int call) : Exception($"The process was killed at store call {call}.");
