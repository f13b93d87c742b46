using Microsoft.Data.Sqlite;

namespace BackupSidecar.Benchmarks;

/// <summary>What the figures of a remote repository share.</summary>
/// <param name="Program">The published sidecar.</param>
/// <param name="Emulator">The built Drive emulator.</param>
/// <param name="App">The application's connection: it is attached all the time.</param>
internal sealed record RemoteBench(
    RemoteOptions Options, TimeProvider Time, Tool Tool, Scratch Scratch, string Program, string Emulator, SampleDatabase Database, SqliteConnection App, Report Report, TextWriter Progress)
{
    public Task ProgressAsync(string line) => Progress.WriteLineAsync("  " + line);

    /// <summary>A figure in percent that must not be below its goal.</summary>
    public void AddShare(string figure, Samples shares, double percentMin) => Report.Add(
        figure, $"≥ {Report.Text(percentMin, "0")} %", shares.IsEmpty ? "not measured" : $"{Report.Text(shares.Median, "0.0")} %", shares.IsEmpty ? "" : shares.Range("0.0"), "", !shares.IsEmpty && shares.Median >= percentMin);
}
