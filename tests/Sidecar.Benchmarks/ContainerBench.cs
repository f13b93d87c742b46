namespace BackupSidecar.Benchmarks;

/// <summary>What the figures of the image share.</summary>
/// <param name="Database">Not used by anybody; figures that follow or restore it take a copy.</param>
internal sealed record ContainerBench(
    ContainerOptions Options, TimeProvider Time, Tool Tool, Scratch Scratch, ContainerEngine Engine, SampleDatabase Database, Report Report, TextWriter Progress)
{
    public Task ProgressAsync(string line) => Progress.WriteLineAsync("  " + line);

    /// <summary>Directories for volumes of one figure, with a copy of the database; empty ones where it was measured before.</summary>
    public void Prepare(string place)
    {
        Scratch.Remove(place);
        foreach (var volume in ContainerEngine.Volumes)
        {
            _ = Directory.CreateDirectory(Scratch.PathOf(Path.Combine(place, volume)));
        }

        File.Copy(Database.Path, Scratch.PathOf(Path.Combine(place, "data", "app.db")));
    }
}
