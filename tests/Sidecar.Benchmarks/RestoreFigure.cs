namespace BackupSidecar.Benchmarks;

/// <summary>A restore to a new path, against unpacking or copying the same file.</summary>
internal static class RestoreFigure
{
    private const string Light = "restore, light";
    private const string None = "restore, none";
    private const string LightChecked = "restore, light, with SQLite's checks";
    private const string NoneChecked = "restore, none, with SQLite's checks";
    private const string Zstd = "`zstd -d` + fsync";
    private const string Copy = "`cp --reflink=never` + fsync";

    public static async Task MeasureAsync(Bench bench, CancellationToken ct)
    {
        var (scratch, tool, database) = (bench.Scratch, bench.Tool, bench.Database.Path);
        var output = scratch.PathOf("restored");
        var packed = scratch.PathOf("packed");
        var contest = new Contest(scratch, bench.Progress);

        await bench.Sidecar.BackupAsync(database, "restore-light", "light", watchMemory: false, ct);
        await bench.Sidecar.BackupAsync(database, "restore-none", "none", watchMemory: false, ct);
        await CheckAsync(bench, ct);

        void EnterSidecar(string name, string repository, bool sqliteChecks) => contest.Enter(
            name,
            token => PrepareAsync(repository, token),
            async token => (await bench.Sidecar.RestoreAsync(repository, "restored", sqliteChecks, watchMemory: false, token)).Duration);

        async Task PrepareAsync(string input, CancellationToken token)
        {
            scratch.Remove("restored");
            await scratch.WarmAsync(input, token);
        }

        EnterSidecar(Light, "restore-light", sqliteChecks: false);
        if (Tool.IsInstalled("zstd"))
        {
            await tool.ShellAsync($"zstd -1 -T2 -q -f '{database}' -o '{packed}'", ct);
        }

        contest.Enter(Zstd, token => PrepareAsync("packed", token), async token => (await tool.ShellAsync($"zstd -d -q -f '{packed}' -o '{output}' && sync '{output}'", token)).Duration, Tool.IsInstalled("zstd"));
        EnterSidecar(None, "restore-none", sqliteChecks: false);
        contest.Enter(Copy, token => PrepareAsync(Bench.DatabaseFolder, token), async token => (await tool.ShellAsync($"cp --reflink=never '{database}' '{output}' && sync '{output}'", token)).Duration);
        EnterSidecar(LightChecked, "restore-light", sqliteChecks: true);
        EnterSidecar(NoneChecked, "restore-none", sqliteChecks: true);
        await contest.RunAsync(bench.Options.Runs, ct);
        bench.Sidecar.Remove("restore-light");
        bench.Sidecar.Remove("restore-none");
        scratch.Remove("restored");
        scratch.Remove("packed");

        bench.Report.AddRatio("restore without SQLite's checks, light", contest[Light], "`zstd -d` + fsync", contest[Zstd], factorMax: 1.0);
        bench.Report.AddRatio("restore without SQLite's checks, none", contest[None], "`cp` + fsync", contest[Copy], factorMax: 1.5);
        contest.DescribePeers(bench.Report, LightChecked, NoneChecked, Zstd, Copy);
    }

    /// <summary>A fast restore of something else would be worth nothing.</summary>
    private static async Task CheckAsync(Bench bench, CancellationToken ct)
    {
        foreach (var repository in (string[])["restore-light", "restore-none"])
        {
            bench.Scratch.Remove("restored");
            await bench.Sidecar.RestoreAsync(repository, "restored", sqliteChecks: false, watchMemory: false, ct);
            await bench.Tool.RunAsync("cmp", [bench.Database.Path, bench.Scratch.PathOf("restored")], ct);
        }
    }
}
