using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = BackupSidecar.Contracts.V1;

namespace BackupSidecar.Client;

/// <summary>The calls of the contract over the sidecar's socket. It connects when it is first used, and again after a loss.</summary>
internal sealed class SidecarCalls : IDisposable
{
    /// <summary>A sidecar that stands still is found out within both together: it would hold its connections and answer nothing.</summary>
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly GrpcChannel _channel;
    private readonly Wire.LifecycleService.LifecycleServiceClient _lifecycle;

    public SidecarCalls(string path)
    {
        _path = path;
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = ConnectAsync,
                UseProxy = false,
                KeepAlivePingDelay = PingAfter,
                KeepAlivePingTimeout = PingTimeout,
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            },
            DisposeHttpClient = true,
        });
        _lifecycle = new Wire.LifecycleService.LifecycleServiceClient(_channel);
    }

    public Task<Wire.PrepareDatabaseResponse> PrepareDatabaseAsync(Wire.PrepareDatabaseRequest request, TimeSpan within, CancellationToken ct) =>
        CallAsync(options => _lifecycle.PrepareDatabaseAsync(request, options), within, ct);

    public Task<Wire.ConfirmHealthyResponse> ConfirmHealthyAsync(Wire.ConfirmHealthyRequest request, TimeSpan within, CancellationToken ct) =>
        CallAsync(options => _lifecycle.ConfirmHealthyAsync(request, options), within, ct);

    public Task<Wire.ExtendConfirmationResponse> ExtendConfirmationAsync(Wire.ExtendConfirmationRequest request, TimeSpan within, CancellationToken ct) =>
        CallAsync(options => _lifecycle.ExtendConfirmationAsync(request, options), within, ct);

    public Task<Wire.EnsureDurableResponse> EnsureDurableAsync(Wire.EnsureDurableRequest request, TimeSpan within, CancellationToken ct) =>
        CallAsync(options => _lifecycle.EnsureDurableAsync(request, options), within, ct);

    /// <summary>Takes what the stream brings, until it ends.</summary>
    /// <exception cref="BackupSidecarException">It ended with a failure.</exception>
    public async Task WatchAsync(Wire.WatchRequest request, Action<Wire.WatchResponse> take, CancellationToken ct)
    {
        try
        {
            using var streaming = _lifecycle.Watch(request, new CallOptions(cancellationToken: ct));
            await foreach (var response in streaming.ResponseStream.ReadAllAsync(ct).ConfigureAwait(false))
            {
                take(response);
            }
        }
        catch (RpcException e)
        {
            throw Translate(e, Timeout.InfiniteTimeSpan, ct);
        }
    }

    public void Dispose() => _channel.Dispose();

    private async Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, TimeSpan within, CancellationToken ct)
    {
        try
        {
            // The library measures deadlines by the clock of the system.
            return await call(new CallOptions(deadline: (TimeProvider.System.GetUtcNow() + within).UtcDateTime, cancellationToken: ct)).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw Translate(e, within, ct);
        }
    }

    private Exception Translate(RpcException failure, TimeSpan within, CancellationToken ct) =>
        ct.IsCancellationRequested ? new OperationCanceledException(failure.Message, failure, ct) : CallFailure.Of(failure, _path, within);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), ct).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
