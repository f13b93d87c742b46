using BackupSidecar.Contracts.V1;
using BackupSidecar.Lifecycle;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using Grpc.Core;

namespace BackupSidecar.Api;

/// <summary>Restores with the app, for operators.</summary>
internal sealed class RestoreApi(IServedSidecar sidecar, CallEnd end, TimeProvider time) : RestoreService.RestoreServiceBase
{
    public const int WatchersMax = 64;

    private static readonly TimeSpan RestartWithinDefault = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RestartWithinMax = TimeSpan.FromDays(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly CallLimit _watchers = new(WatchersMax, "watchers of restores");

    public override async Task<ListRestorePointsResponse> ListRestorePoints(ListRestorePointsRequest request, ServerCallContext context)
    {
        var source = await SourceAsync(request.Source, context);
        var size = PageSize.Of(request.PageSize);
        var (after, from, until) = (RestorePointPage.Parse(request.PageToken), ProtoTime.Checked(request.StartTime, "start_time"), ProtoTime.Checked(request.EndTime, "end_time"));
        var response = new ListRestorePointsResponse();
        if (await sidecar.Repository.TryReadCatalogAsync(source, context.CancellationToken) is not { } catalog)
        {
            return response;
        }

        var points = catalog.RestorePoints().Reverse().Where(point => (from is null || point.Time >= from) && (until is null || point.Time < until));
        var page = points.SkipWhile(point => after is { } last && !last.IsBefore(point)).Take(size + 1).ToList();
        response.Points.AddRange(page.Take(size).Select(point => RestoreMessages.ToMessage(point, catalog.CanReach(point.Position))));
        response.NextPageToken = page.Count > size ? RestorePointPage.Of(page[size - 1]).ToString() : "";
        return response;
    }

    public override async Task<PlanRestoreResponse> PlanRestore(PlanRestoreRequest request, ServerCallContext context)
    {
        var (source, _) = await SourceChoice.LifecycleAsync(sidecar, request.Source, context.CancellationToken);
        var choice = RequestFields.Choice(request.Selector);
        await EnsureHeldAsync(source.Name, context.CancellationToken);
        var planned = await sidecar.Origins.PlanAsync(source.Name, choice, isAttended: true, time, context.CancellationToken);
        var catalog = await planned.Repository.ReadCatalogAsync(planned.Plan.Source, context.CancellationToken);
        return new PlanRestoreResponse { Plan = RestoreMessages.ToMessage(planned, source.Path, [.. catalog.RestorePoints()]) };
    }

    public override async Task StageRestore(StageRestoreRequest request, IServerStreamWriter<StageRestoreResponse> responseStream, ServerCallContext context)
    {
        var (source, lifecycle) = await SourceChoice.LifecycleAsync(sidecar, request.Source, context.CancellationToken);
        var choice = RequestFields.Choice(request.Selector);
        var within = ProtoTime.Checked(request.RestartWithin, RestartWithinDefault, TimeSpan.Zero, RestartWithinMax, "restart_within");
        await EnsureHeldAsync(source.Name, context.CancellationToken);
        using var slot = _watchers.Enter();
        var restore = await lifecycle.StageAsync(choice, within, sqliteChecks: !request.SkipSqliteChecks, context.CancellationToken);
        await ChangeStream.RunAsync(
            () => new StageRestoreResponse { Restore = LookAnew(source.Name, restore.Id) }, responseStream, Interval, end, time, context.CancellationToken,
            isLast: response => response.Restore.State != Contracts.V1.RestoreState.Staging);
    }

    public override async Task<CancelRestoreResponse> CancelRestore(CancelRestoreRequest request, ServerCallContext context)
    {
        var (source, lifecycle) = await SourceChoice.LifecycleAsync(sidecar, request.Source, context.CancellationToken);
        return new CancelRestoreResponse { Restore = RestoreMessages.ToMessage(source.Name, await lifecycle.CancelAsync(RequestFields.RestoreId(request.RestoreId), context.CancellationToken), 0) };
    }

    public override async Task<GetRestoreResponse> GetRestore(GetRestoreRequest request, ServerCallContext context)
    {
        var (source, lifecycle, id) = await FindAsync(request.Source, request.RestoreId, context);
        return new GetRestoreResponse { Restore = Look(source, lifecycle, id) };
    }

    public override async Task WatchRestore(WatchRestoreRequest request, IServerStreamWriter<WatchRestoreResponse> responseStream, ServerCallContext context)
    {
        var (source, _, id) = await FindAsync(request.Source, request.RestoreId, context);
        using var slot = _watchers.Enter();
        await ChangeStream.RunAsync(
            () => new WatchRestoreResponse { Restore = LookAnew(source, id) }, responseStream, Interval, end, time, context.CancellationToken,
            isLast: response => response.Restore.EndTime is not null);
    }

    public override async Task<UndoRestoreResponse> UndoRestore(UndoRestoreRequest request, ServerCallContext context)
    {
        var (source, lifecycle) = await SourceChoice.LifecycleAsync(sidecar, request.Source, context.CancellationToken);
        return new UndoRestoreResponse { Restore = RestoreMessages.ToMessage(source.Name, await lifecycle.UndoAsync(RequestFields.RestoreId(request.RestoreId), context.CancellationToken), 0) };
    }

    private async ValueTask<string> SourceAsync(string name, ServerCallContext context) => (await SourceChoice.LifecycleAsync(sidecar, name, context.CancellationToken)).Source.Name;

    /// <summary>A restore by its id; without one the newest.</summary>
    private async ValueTask<(string Source, SourceLifecycle Lifecycle, string Id)> FindAsync(string name, string id, ServerCallContext context)
    {
        var (source, lifecycle) = await SourceChoice.LifecycleAsync(sidecar, name, context.CancellationToken);
        var restores = await lifecycle.ListAsync(context.CancellationToken);
        var wanted = id.Length == 0 ? restores.Count == 0 ? null : restores[0].Id : RequestFields.RestoreId(id);
        return wanted is not null && restores.Any(restore => restore.Id == wanted) ? (source.Name, lifecycle, wanted) : throw NotFound(source.Name, id);
    }

    /// <summary>A changed configuration may have put another object in the place of the one that it was found in.</summary>
    private Contracts.V1.Restore LookAnew(string source, string id) => Look(source, sidecar.FindLifecycle(source) ?? throw NotFound(source, id), id);

    private static Contracts.V1.Restore Look(string source, SourceLifecycle lifecycle, string id) =>
        RestoreMessages.ToMessage(source, lifecycle.Known.FirstOrDefault(restore => restore.Id == id) ?? throw NotFound(source, id), lifecycle.StagedBytes);

    private static ApiException NotFound(string source, string id) => id.Length == 0
        ? new ApiException(ErrorReason.RestoreNotFound, $"There has been no restore of source '{source}' with its app.", "Begin one: 'backup-sidecar restore --sidecar unix:PATH'.")
        : new ApiException(ErrorReason.RestoreNotFound, $"Source '{source}' has no restore '{id}'.", "'backup-sidecar restores show' shows the newest one.");

    private async ValueTask EnsureHeldAsync(string source, CancellationToken ct)
    {
        if (await sidecar.Origins.HoldNothingAsync(source, ct))
        {
            throw NoBackup(source);
        }
    }

    private static ApiException NoBackup(string source) => new(ErrorReason.NoBackupExists, $"Nothing is stored of source '{source}' yet.", "Wait for its first capture: 'backup-sidecar status' shows it.");
}
