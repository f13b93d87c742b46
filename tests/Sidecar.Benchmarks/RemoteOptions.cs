namespace BackupSidecar.Benchmarks;

/// <param name="Runs">Pairs of a full to the emulator and one to a directory, in turns; also the restores over the slow line.</param>
/// <param name="IdleSeconds">How long an idle serve is watched.</param>
/// <param name="Minutes">Of one commit a second.</param>
/// <param name="Binary">The published program, or null to publish it first.</param>
/// <param name="Emulator">The built emulator, or null to build it first.</param>
internal sealed record RemoteOptions(int SizeMegabytes, int Runs, int IdleSeconds, int Minutes, string Scratch, string? Binary, string? Emulator, IReadOnlyList<RemotePhase> Phases);
