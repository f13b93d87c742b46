namespace BackupSidecar.Benchmarks;

/// <summary>The parts of the core benchmark, each of which can be measured alone.</summary>
internal enum Phase
{
    Full,
    Increment,
    Restore,
    Memory,
    Writer,
    Program,
}
