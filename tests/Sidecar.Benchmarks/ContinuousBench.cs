using Microsoft.Data.Sqlite;

namespace BackupSidecar.Benchmarks;

/// <summary>What the figures of continuous capture share.</summary>
/// <param name="App">The application's connection: it is attached all the time.</param>
internal sealed record ContinuousBench(
    ContinuousOptions Options, TimeProvider Time, Tool Tool, Scratch Scratch, string Program, SampleDatabase Database, SqliteConnection App, Report Report, TextWriter Progress)
{
    /// <summary>Starts serve on the common database, or another one; its state stands beside the repository.</summary>
    public ServeProcess Serve(string repository, string interval, params string[] databases) => ServeProcess.Start(
        Program,
        databases is [] ? [Database.Path] : databases,
        Scratch.PathOf(repository),
        Scratch.PathOf(repository + "-state"),
        interval,
        Time);

    public void Remove(string repository)
    {
        Scratch.Remove(repository);
        Scratch.Remove(repository + "-state");
    }

    public Task ProgressAsync(string line) => Progress.WriteLineAsync("  " + line);
}
