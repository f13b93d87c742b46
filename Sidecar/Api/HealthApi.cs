using BackupSidecar.Contracts.V1;
using BackupSidecar.Following;
using Grpc.Core;
using Grpc.Health.V1;
using ProtectionLevel = BackupSidecar.Following.ProtectionLevel;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace BackupSidecar.Api;

/// <summary>The standard health protocol: the process as the empty service, and each source as <c>source/NAME</c>.</summary>
/// <remarks>
/// The process serves until its end is asked for, whatever its sources do: restarting it would mend none of them. A source does not serve
/// while it is unsafe.
/// </remarks>
internal sealed class HealthApi(IServedSidecar sidecar, CallEnd end, TimeProvider time) : Health.HealthBase
{
    public const int WatchersMax = 64;

    private const string SourcePrefix = "source/";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly CallLimit _watchers = new(WatchersMax, "watchers of the health");

    /// <summary>Of strangers, who must not use up those of the others.</summary>
    private readonly CallLimit _monitors = new(WatchersMax, "watchers of the health by the address for monitoring");

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        Of(request.Service, context) is { } status
            ? Task.FromResult(new HealthCheckResponse { Status = status })
            : throw new ApiException(ErrorReason.SourceNotFound, "There is no service of that name.", $"Ask for the empty name, or for {SourcePrefix}NAME with the name of a source.");

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var slot = (Callers.RoleOf(context) == CallerRole.Monitor ? _monitors : _watchers).Enter();

        // A service that is unknown may come: the protocol says so.
        await ChangeStream.RunAsync(
            () => new HealthCheckResponse { Status = Of(request.Service, context) ?? ServingStatus.ServiceUnknown }, responseStream, Look, end, time, context.CancellationToken);
    }

    private ServingStatus? Of(string service, ServerCallContext context)
    {
        if (service.Length == 0)
        {
            return sidecar.IsEnding ? ServingStatus.NotServing : ServingStatus.Serving;
        }

        // Which sources there are is nobody's business who only monitors.
        var source = Callers.RoleOf(context) < CallerRole.App ? null : sidecar.Status.Sources.FirstOrDefault(source => service == SourcePrefix + source.Name);
        return source?.Protection?.Level switch
        {
            null => null,
            ProtectionLevel.Unsafe => ServingStatus.NotServing,
            _ => ServingStatus.Serving,
        };
    }
}
