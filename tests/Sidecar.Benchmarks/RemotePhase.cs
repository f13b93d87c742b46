namespace BackupSidecar.Benchmarks;

/// <summary>The parts of the benchmark of a remote repository, each of which can be measured alone.</summary>
internal enum RemotePhase
{
    Full,
    Link,
    Attach,
    Idle,
    Busy,
}
