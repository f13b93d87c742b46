namespace BackupSidecar.Benchmarks;

/// <summary>A first backup of the whole database, against what copies or packs the same file.</summary>
internal static class FullBackupFigure
{
    private const string Light = "backup, light";
    private const string None = "backup, none";
    private const string Zstd = "`zstd -1 -T2` + fsync";
    private const string Copy = "`cp --reflink=never` + fsync";
    private const string ResticBackup = "`restic backup`, fresh repository";
    private const string SqliteBackup = "`sqlite3 .backup` + fsync";

    public static async Task MeasureAsync(Bench bench, CancellationToken ct)
    {
        var (scratch, tool, database) = (bench.Scratch, bench.Tool, bench.Database.Path);
        var target = scratch.PathOf("copy");
        var stored = new Samples();
        var contest = new Contest(scratch, bench.Progress);

        void EnterSidecar(string name, string compression) => contest.Enter(
            name,
            PrepareAsync,
            async token =>
            {
                var run = await bench.Sidecar.BackupAsync(database, "full", compression, watchMemory: false, token);
                if (name == Light)
                {
                    stored.Add(scratch.BytesOf("full") / 1e6);
                }

                return run.Duration;
            });

        async Task PrepareAsync(CancellationToken token)
        {
            bench.Sidecar.Remove("full");
            scratch.Remove("restic");
            scratch.Remove("copy");
            await bench.WarmDatabaseAsync(token);
        }

        EnterSidecar(Light, "light");
        contest.Enter(Zstd, PrepareAsync, async token => (await tool.ShellAsync($"zstd -1 -T2 -q -f '{database}' -o '{target}' && sync '{target}'", token)).Duration, Tool.IsInstalled("zstd"));
        EnterSidecar(None, "none");
        contest.Enter(Copy, PrepareAsync, async token => (await tool.ShellAsync($"cp --reflink=never '{database}' '{target}' && sync '{target}'", token)).Duration);
        contest.Enter(SqliteBackup, PrepareAsync, async token => (await tool.ShellAsync($"sqlite3 '{database}' \".backup '{target}'\" && sync '{target}'", token)).Duration, Tool.IsInstalled("sqlite3"));
        var restic = new Restic(tool, scratch);
        contest.Enter(
            ResticBackup,
            async token =>
            {
                await PrepareAsync(token);
                await restic.InitializeAsync("restic", token);
            },
            token => restic.BackupAsync("restic", database, token),
            Restic.IsInstalled);
        await contest.RunAsync(bench.Options.Runs, ct);
        await PrepareAsync(ct);

        bench.Report.AddRatio("full backup, light", contest[Light], "`zstd -1 -T2` + fsync", contest[Zstd], factorMax: 1.25);
        bench.Report.AddRatio("full backup, light, against restic", contest[Light], "restic", contest[ResticBackup], factorMax: 1 / 2.5);
        bench.Report.AddRatio("full backup, none", contest[None], "`cp` + fsync", contest[Copy], factorMax: 1.5);
        bench.Report.Add("stored by the full backup, light", $"{Report.Text(stored.Median, "0.0")} MB", stored.Range("0.0"));
        contest.DescribePeers(bench.Report, Zstd, Copy, SqliteBackup, ResticBackup);
    }
}
