namespace BackupSidecar.Benchmarks;

/// <param name="Runs">Starts and restores; the median counts.</param>
/// <param name="SettleSeconds">How long serve is left alone before its memory is looked at.</param>
/// <param name="Image">The image that is measured; the engine has it.</param>
/// <param name="Binary">The published program, which the container tests make their images of.</param>
internal sealed record ContainerOptions(int SizeMegabytes, int Runs, int SettleSeconds, string Image, string? Binary, string Scratch, IReadOnlyList<ContainerPhase> Phases);
