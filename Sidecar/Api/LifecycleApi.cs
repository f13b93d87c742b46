using System.Globalization;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Following;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SourceStatus = BackupSidecar.Following.SourceStatus;

namespace BackupSidecar.Api;

/// <summary>What an app calls.</summary>
internal sealed class LifecycleApi(IServedSidecar sidecar, CallEnd end, TimeProvider time) : LifecycleService.LifecycleServiceBase
{
    /// <summary>Each waits in a list of its source; the next capture answers all of them.</summary>
    public const int WaitingMax = 1000;

    public const int PreparingMax = 100;

    /// <summary>Each instance of an app has one.</summary>
    public const int WatchersMax = 200;

    /// <summary>How long a call without a deadline waits.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    /// <summary>How long one with a deadline waits at most.</summary>
    private static readonly TimeSpan WaitWithDeadlineMax = TimeSpan.FromDays(1);

    /// <summary>How soon an app hears that it should start again.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan ExtensionDefault = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ExtensionMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExtensionMax = TimeSpan.FromDays(1);

    private readonly CallLimit _preparing = new(PreparingMax, "calls of PrepareDatabase");
    private readonly CallLimit _watchers = new(WatchersMax, "calls of Watch");
    private readonly CallLimit _waiting = new(WaitingMax, "calls of EnsureDurable");

    public override async Task<EnsureDurableResponse> EnsureDurable(EnsureDurableRequest request, ServerCallContext context)
    {
        var isRemote = IsRemote(request.Level);
        var source = SourceChoice.One(sidecar.Status, request.Source);
        if (isRemote && source.Remotes.Count == 0)
        {
            throw NoRemote();
        }

        var reached = request.Position is { } position ? EnsureReached(source, position) : null;
        var stored = reached is not null && !isRemote ? reached : await StoreAsync(source.Name, isNew: reached is null, isRemote, context) ?? reached!;
        sidecar.EnsureSound(source.Name);
        return new EnsureDurableResponse { Position = new Position { Number = stored.Position!.Value, Timeline = stored.Timeline } };
    }

    public override async Task<PrepareDatabaseResponse> PrepareDatabase(PrepareDatabaseRequest request, ServerCallContext context)
    {
        var (instance, version) = (RequestFields.Instance(request.InstanceId), RequestFields.AppVersion(request.AppVersion));
        using var slot = _preparing.Enter();
        using var over = end.Until(context.CancellationToken);
        try
        {
            var (_, lifecycle) = await SourceChoice.LifecycleAsync(sidecar, request.Source, over.Token);
            return RestoreMessages.ToMessage(await lifecycle.PrepareAsync(instance, version, confirms: !request.WithoutConfirmation, over.Token));
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw new ApiException(ErrorReason.NotPreparedInTime, "The database could not be prepared in time; that goes on.", "Call again with the same instance_id, and more time: a restore of a large database takes a while.");
        }
        catch (OperationCanceledException)
        {
            throw CallEnd.Ending();
        }
    }

    public override async Task<ConfirmHealthyResponse> ConfirmHealthy(ConfirmHealthyRequest request, ServerCallContext context)
    {
        var (id, instance) = (RequestFields.RestoreId(request.RestoreId), RequestFields.Instance(request.InstanceId));
        var (_, lifecycle) = await SourceChoice.LifecycleAsync(sidecar, request.Source, context.CancellationToken);
        await lifecycle.ConfirmAsync(id, instance, context.CancellationToken);
        return new ConfirmHealthyResponse();
    }

    public override async Task<ExtendConfirmationResponse> ExtendConfirmation(ExtendConfirmationRequest request, ServerCallContext context)
    {
        var (id, instance) = (RequestFields.RestoreId(request.RestoreId), RequestFields.Instance(request.InstanceId));
        var extension = ProtoTime.Checked(request.Extension, ExtensionDefault, ExtensionMin, ExtensionMax, "extension");
        var (_, lifecycle) = await SourceChoice.LifecycleAsync(sidecar, request.Source, context.CancellationToken);
        return new ExtendConfirmationResponse { ConfirmDeadline = ProtoTime.ToProto(await lifecycle.ExtendAsync(id, instance, extension, context.CancellationToken)) };
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context)
    {
        var instance = RequestFields.Instance(request.InstanceId);
        var (source, _) = await SourceChoice.LifecycleAsync(sidecar, request.Source, context.CancellationToken);
        using var slot = _watchers.Enter();
        using var watching = new LifecycleWatch(sidecar, source.Name, instance);
        await ChangeStream.RunAsync(watching.Look, responseStream, WatchInterval, end, time, context.CancellationToken);
    }

    private static bool IsRemote(DurabilityLevel level) => level switch
    {
        DurabilityLevel.Unspecified or DurabilityLevel.Local => false,
        DurabilityLevel.Remote => true,
        _ => throw new ApiException(ErrorReason.InvalidArgument, $"The level {(int)level} is unknown: local and remote are allowed.", "Use a client of the version of the sidecar."),
    };

    private static ApiException NoRemote() =>
        new(ErrorReason.NoRemoteRepository, "No repository beside the local one is configured.", "Ask for the level local, or configure one: 'backup-sidecar repository add' makes it and prints what belongs into the configuration.");

    /// <summary>A position has its number when it is stored. Later ones of its timeline contain it.</summary>
    private static SourceStatus EnsureReached(SourceStatus source, Position position)
    {
        if (source.Position is not { } newest || position.Number > newest)
        {
            throw new ApiException(
                ErrorReason.PositionNotReached,
                string.Create(CultureInfo.InvariantCulture, $"Source '{source.Name}' has no position {position.Number}; the newest is {source.Position?.ToString(CultureInfo.InvariantCulture) ?? "none"}."),
                "Ask for what is committed now, without a position.");
        }

        return position.Number > 0 && position.Timeline == source.Timeline ? source : throw new ApiException(
            ErrorReason.PositionOnOtherTimeline,
            string.Create(CultureInfo.InvariantCulture, $"Position {position.Number} of timeline '{(position.Timeline.Length <= 32 ? position.Timeline : "…")}' is not in the history of source '{source.Name}', which is on timeline {source.Timeline}."),
            "The database was restored or replaced, or lost commits. What was committed before may be gone from it: 'backup-sidecar list --points' shows every timeline.");
    }

    /// <returns>Null: nothing new was captured, since nothing new was asked for.</returns>
    private async Task<SourceStatus?> StoreAsync(string source, bool isNew, bool isRemote, ServerCallContext context)
    {
        using var slot = _waiting.Enter();
        using var over = end.Until(context.CancellationToken);
        using var late = new CancellationTokenSource(context.Deadline == DateTime.MaxValue ? WaitMax : WaitWithDeadlineMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, late.Token);
        try
        {
            var stored = isNew ? await CaptureRefusals.CaptureAsync(sidecar, source, either.Token) : null;
            return !isRemote || await sidecar.SyncedAsync(source, either.Token) ? stored : throw NoRemote();
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested || context.CancellationToken.IsCancellationRequested)
        {
            // Who has left hears nothing; whose deadline has come may.
            throw new ApiException(
                ErrorReason.NotDurableInTime, $"What is committed in source '{source}' is not stored in time; it may be later.{WhyNotRemote(source, isRemote)}", "'backup-sidecar status' shows what it waits for.");
        }
        catch (OperationCanceledException)
        {
            throw CallEnd.Ending();
        }
    }

    private string WhyNotRemote(string source, bool isRemote) => isRemote && sidecar.Status.Sources.FirstOrDefault(status => status.Name == source) is { } status
        ? string.Concat(status.Remotes.Where(remote => remote.Trouble is { OverAt: null }).Select(remote => $" Repository '{remote.Name}': {remote.Trouble!.Message}"))
        : "";
}
