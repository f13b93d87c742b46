namespace BackupSidecar.Benchmarks;

/// <param name="Binary">The published program, or null to publish it first.</param>
/// <param name="LargeMegabytes">A second size for the memory figure, or 0.</param>
internal sealed record CoreOptions(int SizeMegabytes, int Runs, string Scratch, string? Binary, int LargeMegabytes, IReadOnlyList<Phase> Phases);
