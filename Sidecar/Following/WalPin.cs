namespace BackupSidecar.Following;

/// <summary>A read mark that somebody holds.</summary>
/// <param name="Mark">1 to 4.</param>
/// <param name="Frame">The last frame that its holder may read.</param>
/// <param name="Holder">Who, as far as can be told: "this process", "process 17", "another process".</param>
internal sealed record WalPin(int Mark, long Frame, string Holder);
