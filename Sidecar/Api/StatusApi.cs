using BackupSidecar.Contracts.V1;
using Grpc.Core;

namespace BackupSidecar.Api;

/// <summary>How the sidecar is getting on: contract and status, one from the other.</summary>
internal sealed class StatusApi(IServedSidecar sidecar, CallEnd end, TimeProvider time) : StatusService.StatusServiceBase
{
    public const int WatchersMax = 64;

    private static readonly TimeSpan IntervalDefault = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan IntervalMax = TimeSpan.FromHours(1);

    private readonly CallLimit _watchers = new(WatchersMax, "watchers of the status");

    public override Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context) =>
        Task.FromResult(new GetStatusResponse { Status = StatusMessages.ToMessage(Chosen(request.Source, context)) });

    public override async Task WatchStatus(WatchStatusRequest request, IServerStreamWriter<WatchStatusResponse> responseStream, ServerCallContext context)
    {
        var interval = ProtoTime.Checked(request.Interval, IntervalDefault, IntervalMin, IntervalMax, "interval");
        using var slot = _watchers.Enter();
        await ChangeStream.RunAsync(
            () => new WatchStatusResponse { Status = StatusMessages.ToMessage(Chosen(request.Source, context)) }, responseStream, interval, end, time, context.CancellationToken);
    }

    /// <summary>An app is told of the source that it names, or of the only one; who else is protected here is not its business.</summary>
    private ServeStatus Chosen(string source, ServerCallContext context)
    {
        var status = sidecar.Status;
        return source.Length == 0 && Callers.RoleOf(context) >= CallerRole.Operator ? status : status.Only(SourceChoice.One(status, source));
    }
}
