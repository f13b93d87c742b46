using BackupSidecar.Contracts.V1;
using BackupSidecar.Lifecycle;
using BackupSidecar.Restore;
using Google.Protobuf.WellKnownTypes;
using RestorePoint = BackupSidecar.Repository.RestorePoint;
using State = BackupSidecar.Lifecycle.RestoreState;

namespace BackupSidecar.Api;

/// <summary>Restores and their points as the contract has them.</summary>
internal static class RestoreMessages
{
    public static Contracts.V1.RestorePoint ToMessage(RestorePoint point, bool isRestorable) => new()
    {
        Restorable = isRestorable,
        Position = ToMessage(point.Position),
        Time = ProtoTime.ToProto(point.Time),
        BackupId = point.Backup?.Name.Backup.ToString() ?? "",
    };

    public static Position ToMessage(Primitives.Position position) => new() { Number = position.Transaction.Value, Timeline = position.Timeline.ToString() };

    public static Contracts.V1.RestorePlan ToMessage(PlannedRestore planned, string path, IReadOnlyList<RestorePoint> points)
    {
        var plan = planned.Plan;
        var newer = points.Where(point => point.Position.Transaction > plan.Point.Position.Transaction).ToList();
        var message = new Contracts.V1.RestorePlan
        {
            Source = plan.Source.Name,
            Path = path,
            Point = ToMessage(plan.Point, isRestorable: true),
            PackCount = plan.Chain.NewestFirst.Count,
            PackBytes = plan.Chain.Bytes,
            DatabaseBytes = plan.Shape.Bytes,
            Fingerprint = plan.Fingerprint.ToString(),
            Newest = newer.Count == 0 ? null : ToMessage(newer[^1].Position),
            NewerPoints = newer.Select(point => point.Position).Distinct().Count(),
            NewerSpan = newer.Count == 0 ? null : Duration.FromTimeSpan(TimeSpan.FromTicks(Math.Max(0, (newer[^1].Time - plan.Point.Time).Ticks))),
        };
        message.Warnings.AddRange(planned.Warnings.Select(StatusBounds.Bound));
        return message;
    }

    /// <param name="source">Its name.</param>
    /// <param name="restore">One of its restores.</param>
    /// <param name="stagedBytes">See <see cref="SourceLifecycle.StagedBytes"/>.</param>
    public static Contracts.V1.Restore ToMessage(string source, RestoreRecord restore, long stagedBytes)
    {
        var message = new Contracts.V1.Restore
        {
            RestoreId = restore.Id,
            Source = source,
            Path = restore.Path,
            State = (Contracts.V1.RestoreState)restore.State,
            Reason = StatusBounds.Bound(restore.Reason),
            Point = new Contracts.V1.RestorePoint
            {
                Position = new Position { Number = restore.Position, Timeline = restore.Timeline },
                Time = ProtoTime.ToProto(restore.PointTime),
                BackupId = restore.BackupId,
                Restorable = true,
            },
            DatabaseBytes = restore.DatabaseBytes,
            StagedBytes = restore.State == State.Staging ? stagedBytes : restore.StagedAt is null ? 0 : restore.DatabaseBytes,
            CreateTime = ProtoTime.ToProto(restore.CreatedAt),
            StagedTime = ProtoTime.ToProto(restore.StagedAt),
            RestartDeadline = restore.State == State.Staged ? ProtoTime.ToProto(restore.RestartBy) : null,
            PlacedTime = ProtoTime.ToProto(restore.PlacedAt),
            ConfirmDeadline = restore.State == State.Unconfirmed ? ProtoTime.ToProto(restore.ConfirmBy) : null,
            EndTime = ProtoTime.ToProto(restore.EndedAt),
            SafetyCopy = restore.SafetyCopy ?? "",
            ReplacedPosition = restore.ReplacedPosition is { } replaced ? new Position { Number = replaced, Timeline = restore.ReplacedTimeline ?? "" } : null,
        };
        message.Warnings.AddRange(restore.Warnings.Select(StatusBounds.Bound));
        return message;
    }

    public static RestartRequest? ToMessage(RestartWish? wish) => wish is null ? null : new RestartRequest
    {
        Reason = wish.IsRollback ? RestartReason.RollbackPending : RestartReason.RestoreStaged,
        RestoreId = wish.RestoreId,
        Deadline = ProtoTime.ToProto(wish.Deadline),
        Message = StatusBounds.Bound(wish.Message),
    };

    public static PrepareDatabaseResponse ToMessage(PreparedDatabase prepared)
    {
        var message = new PrepareDatabaseResponse
        {
            Preparation = prepared.Preparation switch
            {
                Preparation.Existing => DatabasePreparation.Existing,
                Preparation.Restored => DatabasePreparation.Restored,
                Preparation.RolledBack => DatabasePreparation.RolledBack,
                Preparation.Empty => DatabasePreparation.Empty,
                Preparation.Unspecified or _ => DatabasePreparation.Unspecified,
            },
            RestoreId = prepared.Restore?.Id ?? "",
            ConfirmDeadline = ProtoTime.ToProto(prepared.ConfirmBy),
            Position = prepared is { Preparation: Preparation.Restored, Restore: { } restore } ? new Position { Number = restore.Position, Timeline = restore.Timeline } : null,
            Restart = ToMessage(prepared.Restart),
        };
        message.Warnings.AddRange(prepared.Warnings.Select(StatusBounds.Bound));
        return message;
    }
}
