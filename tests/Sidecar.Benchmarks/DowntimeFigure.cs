using BackupSidecar.Contracts.V1;
using Grpc.Core;

namespace BackupSidecar.Benchmarks;

/// <summary>How long an app waits at its start for a restore that is staged, and for it to be taken back.</summary>
internal static class DowntimeFigure
{
    private const string Repository = "downtime";

    public static async Task MeasureAsync(ContinuousBench bench, CancellationToken ct)
    {
        var database = new SampleDatabase(bench.Scratch.PathOf(Path.Combine("downtime-data", "app.db")));
        _ = Directory.CreateDirectory(Path.GetDirectoryName(database.Path)!);
        database.Create(bench.Options.SizeMegabytes * 1_000_000L, ct);
        using var channel = ServiceChannel.To(bench.Scratch.PathOf(Repository + "-state/operator/sidecar.sock"));
        var (lifecycle, restores) = (new LifecycleService.LifecycleServiceClient(channel), new RestoreService.RestoreServiceClient(channel));
        Samples staging = new(), placing = new(), takingBack = new();
        await using (var serve = bench.Serve(Repository, "100ms", database.Path))
        {
            for (var run = 0; run < bench.Options.Pairs; run++)
            {
                string restore;
                using (var app = database.OpenAndRead())
                {
                    database.UpdateRandomRows(app, 1);
                    await serve.CatchUpAsync(database, app, ct);
                    var began = bench.Time.GetTimestamp();
                    restore = await StageAsync(restores, ct);
                    staging.Add(bench.Time.GetElapsedTime(began).TotalSeconds);
                    database.UpdateRandomRows(app, 10);
                }

                placing.Add(await PrepareAsync(bench, lifecycle, $"placing-{run}", DatabasePreparation.Restored, ct));
                using (var app = database.OpenAndRead())
                {
                    database.UpdateRandomRows(app, 10);
                    _ = await restores.UndoRestoreAsync(new UndoRestoreRequest { RestoreId = restore }, cancellationToken: ct);
                }

                takingBack.Add(await PrepareAsync(bench, lifecycle, $"undoing-{run}", DatabasePreparation.RolledBack, ct));
            }
        }

        bench.Report.Add($"staging a restore of {bench.Options.SizeMegabytes} MB, while the app runs", $"{Report.Text(staging.Median, "0.00")} s", staging.Range("0.00"));
        bench.Report.AddLimit("downtime: PrepareDatabase puts it in place", placing, 1, "s", "0.000");
        bench.Report.AddLimit("downtime: PrepareDatabase takes it back", takingBack, 1, "s", "0.000");
        bench.Remove(Repository);
        bench.Scratch.Remove("downtime-data");
    }

    private static async Task<string> StageAsync(RestoreService.RestoreServiceClient restores, CancellationToken ct)
    {
        Restore? last = null;
        using var call = restores.StageRestore(new StageRestoreRequest(), cancellationToken: ct);
        await foreach (var response in call.ResponseStream.ReadAllAsync(ct))
        {
            last = response.Restore;
        }

        return last is { State: RestoreState.Staged } ? last.RestoreId : throw new InvalidOperationException($"The restore is {last?.State}: {last?.Reason}");
    }

    private static async Task<double> PrepareAsync(ContinuousBench bench, LifecycleService.LifecycleServiceClient lifecycle, string instance, DatabasePreparation expected, CancellationToken ct)
    {
        var began = bench.Time.GetTimestamp();
        var prepared = await lifecycle.PrepareDatabaseAsync(new PrepareDatabaseRequest { InstanceId = instance }, cancellationToken: ct);
        var seconds = bench.Time.GetElapsedTime(began).TotalSeconds;
        return prepared.Preparation == expected ? seconds : throw new InvalidOperationException($"The database is {prepared.Preparation}, not {expected}: {string.Join(' ', prepared.Warnings)}");
    }
}
