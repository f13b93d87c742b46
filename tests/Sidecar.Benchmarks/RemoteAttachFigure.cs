namespace BackupSidecar.Benchmarks;

/// <summary>What goes over the line until a database whose local repository and state are lost is in step again with what the emulator holds of it.</summary>
internal static class RemoteAttachFigure
{
    private const string Repository = "attach";
    private const int RowsChanged = 10;
    private const double PercentMax = 1;

    public static async Task MeasureAsync(RemoteBench bench, CancellationToken ct)
    {
        await using var fed = await FedRepository.CreateAsync(bench, Repository, isDrive: true, ct);
        await using (fed.Serve())
        {
            await fed.EnsureDurableAsync("remote", ct);
        }

        fed.LoseLocal();
        bench.Database.UpdateRandomRows(bench.App, RowsChanged);
        await fed.Drive.ForgetRequestsAsync(ct);
        var seconds = new Samples();
        await using (var serve = fed.Serve())
        {
            await fed.EnsureDurableAsync("remote", ct);
            seconds.Add(bench.Time.GetElapsedTime(serve.StartedAt));
        }

        var requests = await fed.Drive.RequestsAsync(ct);
        var percent = new Samples();
        percent.Add(requests.Sum(request => request.Received + request.Sent) * 100.0 / new FileInfo(bench.Database.Path).Length);
        bench.Report.AddLimit($"bytes of requests and answers until a database without local state is in step again, {RowsChanged} rows changed since, of the database", percent, PercentMax, "%", "0.00");
        bench.Report.Add("that, from the start of serve", $"{Report.Text(seconds.Median, "0.00")} s, {requests.Count} requests", "");
    }
}
