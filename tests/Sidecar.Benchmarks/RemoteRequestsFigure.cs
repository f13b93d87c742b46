namespace BackupSidecar.Benchmarks;

/// <summary>Requests to the emulator in an hour, with an interval of 60 s: of an idle database, and of one that commits every second.</summary>
/// <remarks>
/// At real speed, so that of the second figure some minutes stand for the hour: merges of a quarter of an hour are among them, deletions of what is older than the window of an hour are not.
/// What an hour takes with these is counted under a moved clock by a test, DriveRequestsTests.
/// </remarks>
internal static class RemoteRequestsFigure
{
    private const string Repository = "requests";
    private const double BusyMax = 150;

    /// <summary>What the first full leaves to do.</summary>
    private static readonly TimeSpan CalmTime = TimeSpan.FromSeconds(15);

    public static async Task MeasureIdleAsync(RemoteBench bench, CancellationToken ct)
    {
        await using var fed = await FedRepository.CreateAsync(bench, Repository, isDrive: true, ct);
        await using var serve = fed.Serve();
        await StartAsync(bench, fed, ct);
        await Task.Delay(TimeSpan.FromSeconds(bench.Options.IdleSeconds), bench.Time, ct);
        var count = (await fed.Drive.RequestsAsync(ct)).Count;
        bench.Report.Add($"requests of an idle database, over {bench.Options.IdleSeconds} s", "0", Report.Text(count, "0"), "", "", count == 0);
    }

    public static async Task MeasureBusyAsync(RemoteBench bench, CancellationToken ct)
    {
        await using var fed = await FedRepository.CreateAsync(bench, Repository, isDrive: true, ct);
        await using var serve = fed.Serve();
        await StartAsync(bench, fed, ct);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), bench.Time);
        for (var second = 0; second < bench.Options.Minutes * 60; second++)
        {
            bench.Database.UpdateOneRow(bench.App);
            await timer.WaitForNextTickAsync(ct);
        }

        var requests = await fed.Drive.RequestsAsync(ct);
        var perHour = requests.Count * 60.0 / bench.Options.Minutes;
        var kinds = string.Join(", ", requests.GroupBy(request => request.Kind).OrderByDescending(group => group.Count()).Select(group => $"{group.Count()} {group.Key}"));
        bench.Report.Add(
            $"requests an hour, one commit a second, interval 60 s, over {bench.Options.Minutes} min", $"≤ {Report.Text(BusyMax, "0")}", Report.Text(perHour, "0"), kinds, "", perHour <= BusyMax);
    }

    private static async Task StartAsync(RemoteBench bench, FedRepository fed, CancellationToken ct)
    {
        await fed.EnsureDurableAsync("remote", ct);
        await Task.Delay(CalmTime, bench.Time, ct);
        await fed.Drive.ForgetRequestsAsync(ct);
    }
}
