namespace BackupSidecar.Benchmarks;

/// <summary>The peer restic, if it is installed. Its repositories are encrypted, as restic has it; ours are not yet.</summary>
internal sealed class Restic(Tool tool, Scratch scratch)
{
    public static bool IsInstalled => Tool.IsInstalled("restic");

    /// <summary>A fresh repository under this name in the scratch directory.</summary>
    public async Task InitializeAsync(string repository, CancellationToken ct)
    {
        tool.Environment["RESTIC_PASSWORD"] = "benchmark";
        tool.Environment["RESTIC_CACHE_DIR"] = scratch.PathOf("restic-cache");
        scratch.Remove(repository);
        scratch.Remove("restic-cache");
        await tool.RunAsync("restic", ["-q", "-r", scratch.PathOf(repository), "init"], ct);
    }

    /// <summary>Backs up the directory of the database, so that its -wal is in it.</summary>
    public async Task<TimeSpan> BackupAsync(string repository, string database, CancellationToken ct) =>
        (await tool.RunAsync("restic", ["-q", "-r", scratch.PathOf(repository), "backup", Path.GetDirectoryName(database)!], ct)).Duration;
}
