namespace BackupSidecar.Following;

/// <summary>A read mark that somebody holds: until it is let go, the log is not started anew and grows.</summary>
/// <param name="Mark">1 to 4; 0 for who reads the database file alone and so keeps checkpoints from copying into it.</param>
/// <param name="Frame">The last frame that its holder may read.</param>
/// <param name="Holder">Who, as far as can be told: "process 17 (app)", "a process outside this container", "another process". Others may hold the same mark.</param>
internal sealed record WalPin(int Mark, long Frame, string Holder);
