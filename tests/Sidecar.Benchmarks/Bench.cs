namespace BackupSidecar.Benchmarks;

/// <summary>What all figures share: the program, the database, the place, the table.</summary>
internal sealed record Bench(CoreOptions Options, TimeProvider Time, Tool Tool, Scratch Scratch, SidecarProgram Sidecar, SampleDatabase Database, Report Report, TextWriter Progress)
{
    /// <summary>The database has a directory of its own, beside nothing else than its -wal and -shm.</summary>
    public const string DatabaseFolder = "database";

    public Task WarmDatabaseAsync(CancellationToken ct) => Scratch.WarmAsync(DatabaseFolder, ct);
}
