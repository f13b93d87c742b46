namespace BackupSidecar.Benchmarks;

/// <summary>A backup after 600 random rows changed, the program as a command.</summary>
internal static class IncrementFigure
{
    private const int RowsChanged = 600;
    private const string Repository = "increment";
    private const string ResticRepository = "increment-restic";

    public static async Task MeasureAsync(Bench bench, CancellationToken ct)
    {
        var (scratch, database) = (bench.Scratch, bench.Database.Path);
        var restic = new Restic(bench.Tool, scratch);
        Samples command = new(), inProcess = new(), stored = new(), resticSeconds = new(), resticStored = new();
        using var connection = bench.Database.Open();

        await bench.Sidecar.BackupAsync(database, Repository, "light", watchMemory: false, ct);
        if (Restic.IsInstalled)
        {
            await restic.InitializeAsync(ResticRepository, ct);
            await restic.BackupAsync(ResticRepository, database, ct);
        }

        for (var run = 1; run <= bench.Options.Runs; run++)
        {
            bench.Database.UpdateRandomRows(connection, RowsChanged);
            SampleDatabase.Checkpoint(connection);
            await bench.WarmDatabaseAsync(ct);
            await scratch.SettleAsync(ct);
            var before = scratch.BytesOf(Repository);
            var increment = await bench.Sidecar.BackupAsync(database, Repository, "light", watchMemory: false, ct);
            command.Add(increment.Duration);
            stored.Add((scratch.BytesOf(Repository) - before) / 1e6);
            if (SidecarProgram.NumberIn(increment, "durationMs") is { } milliseconds)
            {
                inProcess.Add(milliseconds / 1000);
            }

            await bench.Progress.WriteLineAsync($"  {run}/{bench.Options.Runs} increment: {increment.Duration.TotalSeconds:0.000} s");
            if (Restic.IsInstalled)
            {
                await scratch.SettleAsync(ct);
                before = scratch.BytesOf(ResticRepository);
                resticSeconds.Add(await restic.BackupAsync(ResticRepository, database, ct));
                resticStored.Add((scratch.BytesOf(ResticRepository) - before) / 1e6);
            }
        }

        bench.Sidecar.Remove(Repository);
        scratch.Remove(ResticRepository);

        bench.Report.AddLimit($"increment after {RowsChanged} row updates, in process", inProcess, 0.3, "s", "0.000");
        bench.Report.AddLimit($"increment after {RowsChanged} row updates, as a command", command, 0.5, "s", "0.000");
        bench.Report.AddLimit("stored by the increment", stored, 3, "MB", "0.00");
        if (!resticSeconds.IsEmpty)
        {
            bench.Report.Add("restic's increment", $"{Report.Text(resticSeconds.Median, "0.00")} s", resticSeconds.Range("0.00"));
            bench.Report.Add("stored by restic's increment", $"{Report.Text(resticStored.Median, "0.0")} MB", resticStored.Range("0.0"));
        }
    }
}
