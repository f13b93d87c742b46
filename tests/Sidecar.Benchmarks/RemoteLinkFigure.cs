namespace BackupSidecar.Benchmarks;

/// <summary>How much of a slow line a full and a restore from the emulator use: bytes of bodies between the first and the last of the transfer.</summary>
internal static class RemoteLinkFigure
{
    private const string Repository = "link";
    private const string Restored = "link-restored.db";
    private const int LatencyMilliseconds = 50;
    private const long BytesPerSecond = 12_500_000;
    private const double PercentMin = 90;

    public static async Task MeasureAsync(RemoteBench bench, CancellationToken ct)
    {
        await using var fed = await FedRepository.CreateAsync(bench, Repository, isDrive: true, ct);
        await fed.Drive.SlowDownAsync(LatencyMilliseconds, BytesPerSecond, ct);
        await fed.Drive.ForgetRequestsAsync(ct);
        await using (fed.Serve())
        {
            await fed.EnsureDurableAsync("remote", ct);
        }

        var uploads = (await fed.Drive.RequestsAsync(ct)).Where(request => request.Kind is "upload.start" or "upload.chunk").ToList();
        Samples upload = new(), download = new(), seconds = new(), requests = new(), memory = new();
        upload.Add(ShareOf(uploads, request => request.Received));
        bench.AddShare("share of 100 Mbit/s that a full uses, with 50 ms until each answer", upload, PercentMin);

        fed.LoseLocal();
        for (var run = 0; run < bench.Options.Runs; run++)
        {
            await fed.Drive.ForgetRequestsAsync(ct);
            var restore = await bench.Tool.RunAsync(
                bench.Program, ["restore", "--config", fed.Configuration, "--output", bench.Scratch.PathOf(Restored), "--json", "--no-sqlite-checks"], watchMemory: true, ct);
            bench.Scratch.Remove(Restored);
            var downloads = (await fed.Drive.RequestsAsync(ct)).Where(request => request.Kind == "files.download").ToList();
            download.Add(ShareOf(downloads, request => request.Sent));
            seconds.Add(restore.Duration);
            requests.Add(downloads.Count);
            memory.Add(restore.PeakAnonymousBytes / 1e6);
            await bench.ProgressAsync($"restore {run + 1}: {restore.Duration.TotalSeconds:0.0} s, {downloads.Count} downloads");
        }

        bench.AddShare("share of 100 Mbit/s that a restore of it uses, with 50 ms until each answer", download, PercentMin);
        bench.Report.Add("that restore, the whole command", $"{Report.Text(seconds.Median, "0.0")} s, {Report.Text(requests.Median, "0")} downloads", seconds.Range("0.0"));
        bench.Report.AddLimit("peak anonymous memory of that restore", memory, 100, "MB", "0.0");
    }

    private static double ShareOf(List<DriveRequest> requests, Func<DriveRequest, long> bytesOf) =>
        requests.Sum(bytesOf) / (requests.Max(request => request.Ended) - requests.Min(request => request.At)).TotalSeconds / BytesPerSecond * 100;
}
