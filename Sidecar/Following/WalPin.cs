namespace BackupSidecar.Following;

/// <summary>A read mark that somebody holds.</summary>
/// <param name="Mark">1 to 4.</param>
/// <param name="Frame">The last frame that its holder may read.</param>
/// <param name="Holder">Who, as far as can be told: "process 17", "a process of another container".</param>
internal sealed record WalPin(int Mark, long Frame, string Holder);
