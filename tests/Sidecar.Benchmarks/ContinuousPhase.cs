namespace BackupSidecar.Benchmarks;

/// <summary>The parts of the benchmark of continuous capture, each of which can be measured alone.</summary>
internal enum ContinuousPhase
{
    Latency,
    Writer,
    Throughput,
    Truncate,
    Pages,
    Restart,
    Idle,
    Written,
    Service,
    Load,
    Downtime,
}
