namespace BackupSidecar.Benchmarks;

/// <summary>From the start of serve on a database that is new to it until all of it is restorable from the second repository: in the emulator against in a directory.</summary>
/// <remarks>Both capture the database into the local repository first. Memory is watched in the runs to the emulator.</remarks>
internal static class RemoteFullFigure
{
    private const string Drive = "full to the emulator";
    private const string Folder = "full to a directory";
    private const string Repository = "full";

    public static async Task MeasureAsync(RemoteBench bench, CancellationToken ct)
    {
        Samples memory = new(), driveAfterLocal = new(), folderAfterLocal = new();
        var contest = new Contest(bench.Scratch, bench.Progress);
        FedRepository? fed = null;
        Enter(Drive, isDrive: true, driveAfterLocal);
        Enter(Folder, isDrive: false, folderAfterLocal);
        await contest.RunAsync(bench.Options.Runs, ct);
        await RemoveAsync();

        bench.Report.AddRatio("serve's start until a full is restorable from the emulator", contest[Drive], "from a directory", contest[Folder], factorMax: 1.3);
        contest.DescribePeers(bench.Report, Folder);
        bench.Report.Add("of that after the local capture, to the emulator", $"{Report.Text(driveAfterLocal.Median, "0.00")} s", driveAfterLocal.Range("0.00"));
        bench.Report.Add("of that after the local capture, to a directory", $"{Report.Text(folderAfterLocal.Median, "0.00")} s", folderAfterLocal.Range("0.00"));
        bench.Report.AddLimit("peak anonymous memory of serve during a full to the emulator", memory, 100, "MB", "0.0");

        void Enter(string name, bool isDrive, Samples afterLocal) => contest.Enter(
            name,
            async token =>
            {
                await RemoveAsync();
                fed = await FedRepository.CreateAsync(bench, Repository, isDrive, token);
                await bench.Scratch.WarmAsync(Bench.DatabaseFolder, token);
            },
            async token =>
            {
                await using var serve = fed!.Serve();
                using var done = CancellationTokenSource.CreateLinkedTokenSource(token);
                var peak = ProcessFacts.PeakAsync(serve.Id, "RssAnon", bench.Time, done.Token);
                await fed.EnsureDurableAsync("local", token);
                var local = bench.Time.GetTimestamp();
                await fed.EnsureDurableAsync("remote", token);
                var duration = bench.Time.GetElapsedTime(serve.StartedAt);
                afterLocal.Add(bench.Time.GetElapsedTime(local));
                await done.CancelAsync();
                var bytes = await peak;
                if (isDrive)
                {
                    memory.Add(bytes / 1e6);
                }

                return duration;
            });

        async Task RemoveAsync()
        {
            if (fed is not null)
            {
                await fed.DisposeAsync();
                fed = null;
            }
        }
    }
}
