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

        // Each against its peer alone: a disk that is still busy with what a third one wrote and removed would fall to one of the two.
        var light = new Contest(scratch, bench.Progress);
        var none = new Contest(scratch, bench.Progress);
        var checks = new Contest(scratch, bench.Progress);

        await bench.Sidecar.BackupAsync(database, "restore-light", "light", watchMemory: false, ct);
        await bench.Sidecar.BackupAsync(database, "restore-none", "none", watchMemory: false, ct);
        await CheckAsync(bench, ct);

        void EnterSidecar(Contest contest, string name, string repository, bool sqliteChecks) => contest.Enter(
            name,
            token => PrepareAsync(repository, token),
            async token => (await bench.Sidecar.RestoreAsync(repository, "restored", sqliteChecks, watchMemory: false, token)).Duration);

        async Task PrepareAsync(string input, CancellationToken token)
        {
            scratch.Remove("restored");
            await scratch.WarmAsync(input, token);
        }

        EnterSidecar(light, Light, "restore-light", sqliteChecks: false);
        if (Tool.IsInstalled("zstd"))
        {
            await tool.ShellAsync($"zstd -1 -T2 -q -f '{database}' -o '{packed}'", ct);
        }

        light.Enter(Zstd, token => PrepareAsync("packed", token), async token => (await tool.ShellAsync($"zstd -d -q -f '{packed}' -o '{output}' && sync '{output}'", token)).Duration, Tool.IsInstalled("zstd"));
        EnterSidecar(none, None, "restore-none", sqliteChecks: false);
        none.Enter(Copy, token => PrepareAsync(Bench.DatabaseFolder, token), async token => (await tool.ShellAsync($"cp --reflink=never '{database}' '{output}' && sync '{output}'", token)).Duration);
        EnterSidecar(checks, LightChecked, "restore-light", sqliteChecks: true);
        EnterSidecar(checks, NoneChecked, "restore-none", sqliteChecks: true);
        foreach (var contest in (Contest[])[light, none, checks])
        {
            await contest.RunAsync(bench.Options.Runs, ct);
        }

        bench.Sidecar.Remove("restore-light");
        bench.Sidecar.Remove("restore-none");
        scratch.Remove("restored");
        scratch.Remove("packed");

        bench.Report.AddRatio("restore without SQLite's checks, light", light[Light], "`zstd -d` + fsync", light[Zstd], factorMax: 1.0);
        bench.Report.AddRatio("restore without SQLite's checks, none", none[None], "`cp` + fsync", none[Copy], factorMax: 1.5);
        checks.DescribePeers(bench.Report, LightChecked, NoneChecked);
        light.DescribePeers(bench.Report, Zstd);
        none.DescribePeers(bench.Report, Copy);
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
