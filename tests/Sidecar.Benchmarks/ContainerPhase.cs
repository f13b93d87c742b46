namespace BackupSidecar.Benchmarks;

/// <summary>The parts of the benchmark of the image, each of which can be measured alone.</summary>
internal enum ContainerPhase
{
    Size,
    Start,
    Restore,
    Idle,
    Suite,
}
