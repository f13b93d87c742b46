using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Contracts.V1;

namespace BackupSidecar.Cli.Remote;

/// <summary>What <c>list</c> shows, as a running serve tells it, page after page.</summary>
internal sealed class RemoteList(RemoteSidecar sidecar)
{
    private const int PageSize = 1000;

    /// <param name="sourceName">Null: all sources.</param>
    /// <param name="ct">Ends it.</param>
    public async ValueTask<IReadOnlyList<(ListedSource Source, IReadOnlyList<PointLine> Points, int Doubts)>> ReadAsync(string? sourceName, CancellationToken ct)
    {
        var response = await sidecar.CallAsync((calls, options) => new StatusService.StatusServiceClient(calls).GetStatusAsync(new GetStatusRequest { Source = sourceName ?? "" }, options), RemoteCommand.AnswerMax, ct);
        var sources = new List<(ListedSource, IReadOnlyList<PointLine>, int)>();
        foreach (var status in response.Status.Sources)
        {
            sources.Add(await ReadAsync(status, ct));
        }

        return sources;
    }

    private async ValueTask<(ListedSource Source, IReadOnlyList<PointLine> Points, int Doubts)> ReadAsync(SourceStatus status, CancellationToken ct)
    {
        var backups = await ReadBackupsAsync(status.Name, ct);
        var points = PointRuns.Ordered(await ReadPointsAsync(status.Name, ct));
        var restorable = points.Where(point => point.Restorable).ToList();
        var source = new ListedSource(
            status.Name,
            backups.FirstOrDefault()?.SourceId ?? "",
            [.. backups.Select(Describe)],
            restorable.Count,
            restorable.Count(point => point.BackupId is null),
            restorable.Count == 0 ? null : restorable.Min(point => point.Time),
            restorable.Count == 0 ? null : restorable.Max(point => point.Time),
            PointRuns.Of(points, new Dictionary<string, Primitives.Position>()),
            UnknownObjects: [],
            status.Stored?.PackCount ?? 0,
            status.Stored?.Bytes ?? 0);
        return (source, points, backups.Count(backup => backup.Problem.Length > 0) + points.Count(point => !point.Restorable));
    }

    private async ValueTask<List<Contracts.V1.Backup>> ReadBackupsAsync(string source, CancellationToken ct)
    {
        var backups = new List<Contracts.V1.Backup>();
        var request = new ListBackupsRequest { Source = source, PageSize = PageSize, ShowDeleted = true };
        do
        {
            var page = await sidecar.CallAsync((calls, options) => new BackupService.BackupServiceClient(calls).ListBackupsAsync(request, options), RemoteCommand.AnswerMax, ct);
            backups.AddRange(page.Backups);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        // As from a repository: newest last.
        backups.Reverse();
        return backups;
    }

    private async ValueTask<IEnumerable<PointLine>> ReadPointsAsync(string source, CancellationToken ct)
    {
        var points = new List<RestorePoint>();
        var request = new ListRestorePointsRequest { Source = source, PageSize = PageSize };
        do
        {
            var page = await sidecar.CallAsync((calls, options) => new RestoreService.RestoreServiceClient(calls).ListRestorePointsAsync(request, options), RemoteCommand.AnswerMax, ct);
            points.AddRange(page.Points);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        return points.GroupBy(point => (point.Position.Number, point.Position.Timeline)).Select(group => new PointLine
        {
            Source = source,
            Position = group.Key.Number,
            Timeline = group.Key.Timeline,
            Time = (group.FirstOrDefault(point => point.BackupId.Length == 0) ?? group.Last()).Time.ToDateTimeOffset(),
            BackupId = group.Select(point => point.BackupId).FirstOrDefault(id => id.Length > 0),
            Restorable = group.First().Restorable,
        });
    }

    public static ListedBackup Describe(Contracts.V1.Backup backup) => new()
    {
        BackupId = backup.BackupId,
        CreatedAt = backup.CreateTime.ToDateTimeOffset(),
        Position = backup.Position.Number,
        Timeline = backup.Position.Timeline,
        Restorable = backup.Restorable,
        Changed = backup.HasChanged ? backup.Changed : null,
        Full = backup is { HasChanged: true, Changed: true } ? backup.Full : null,
        DatabaseBytes = backup.HasDatabaseBytes ? backup.DatabaseBytes : null,
        StoredBytes = backup.HasStoredBytes ? backup.StoredBytes : null,
        Database = backup.Path.Length == 0 ? null : backup.Path,
        Host = backup.Host.Length == 0 ? null : backup.Host,
        Labels = [.. backup.Labels],
        Pinned = backup.Pinned,
        DeletedAt = ProtoTime.FromProto(backup.DeleteTime),
    };
}
