using System.Net.Sockets;
using BackupSidecar.Api;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Primitives;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace BackupSidecar.Cli.Remote;

/// <summary>A connection to a running serve. What goes wrong comes back as the failure that the other side meant.</summary>
internal sealed class RemoteSidecar : IDisposable
{
    /// <summary>Far above what a thousand sources say.</summary>
    private const int ResponseBytesMax = 64 * 1024 * 1024;

    private readonly string _address;
    private readonly bool _isSocket;
    private readonly string? _doubt;
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _calls;

    /// <param name="socket">The path of a Unix socket.</param>
    /// <param name="doubt">Why it may be the wrong one, and what to do if nobody answers there; null: there is no doubt.</param>
    public RemoteSidecar(string socket, string? doubt = null)
        : this(socket, new Uri("http://localhost"), new SocketsHttpHandler { ConnectCallback = (_, ct) => ConnectAsync(socket, ct), UseProxy = false }, token: null)
    {
        _isSocket = true;
        _doubt = doubt;
    }

    /// <param name="address">On this machine.</param>
    /// <param name="token">What the sidecar's token file says.</param>
    public RemoteSidecar(Uri address, string token)
        : this(address.GetLeftPart(UriPartial.Authority), address, new SocketsHttpHandler { UseProxy = false }, token)
    {
    }

    private RemoteSidecar(string name, Uri address, SocketsHttpHandler handler, string? token)
    {
        _address = name;
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = ResponseBytesMax });
        _calls = token is null ? _channel.CreateCallInvoker() : _channel.Intercept(metadata =>
        {
            metadata.Add("authorization", AccessToken.Scheme + token);
            return metadata;
        });
    }

    public CallInvoker Calls => _calls;

    /// <param name="call">Makes the call with these options.</param>
    /// <param name="patience">When the call ends at the latest, on both sides.</param>
    /// <param name="ct">Ends it earlier.</param>
    /// <exception cref="OperatorException">Nobody answers, or the answer is a failure.</exception>
    public ValueTask<T> CallAsync<T>(Func<CallInvoker, CallOptions, AsyncUnaryCall<T>> call, TimeSpan patience, CancellationToken ct) =>
        CallAsync((calls, options) => call(calls, options).ResponseAsync, patience, ct);

    /// <inheritdoc cref="CallAsync{T}(Func{CallInvoker, CallOptions, AsyncUnaryCall{T}}, TimeSpan, CancellationToken)"/>
    public async ValueTask<T> CallAsync<T>(Func<CallInvoker, CallOptions, Task<T>> call, TimeSpan patience, CancellationToken ct)
    {
        try
        {
            // The library measures deadlines by the clock of the system.
            return await call(Calls, new CallOptions(deadline: (TimeProvider.System.GetUtcNow() + patience).UtcDateTime, cancellationToken: ct));
        }
        catch (RpcException e)
        {
            throw Translate(e, patience, ct);
        }
    }

    /// <summary>Takes what a stream brings, until it ends.</summary>
    /// <exception cref="OperatorException">Nobody answers, or the stream ends with a failure.</exception>
    public async ValueTask ReadAsync<T>(Func<CallInvoker, CallOptions, AsyncServerStreamingCall<T>> call, Action<T> take, CancellationToken ct)
    {
        using var streaming = call(Calls, new CallOptions(cancellationToken: ct));
        try
        {
            await foreach (var item in streaming.ResponseStream.ReadAllAsync(ct))
            {
                take(item);
            }
        }
        catch (RpcException e)
        {
            throw Translate(e, Timeout.InfiniteTimeSpan, ct);
        }
    }

    public void Dispose() => _channel.Dispose();

    private Exception Translate(RpcException exception, TimeSpan patience, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return new OperationCanceledException(exception.Message, exception, ct);
        }

        // The library gives its own status when the deadline comes before the other side's answer.
        return FindNobody(exception) ?? FindBroken(exception) ?? (exception.StatusCode == StatusCode.DeadlineExceeded
            ? new LateAnswerException($"serve at {_address} has not answered within {DurationText.Of(patience)}.", "'backup-sidecar status' shows what it is doing; if that hangs, too, look at its log.", exception)
            : ApiErrors.FromRpc(exception, _address));
    }

    /// <summary>A connection that broke under the call: the other side said nothing of its own.</summary>
    private NobodyAnswersException? FindBroken(RpcException exception) => exception.StatusCode == StatusCode.Unavailable && exception.Trailers.Count == 0
        ? new NobodyAnswersException($"The connection to serve at {_address} broke: {exception.Status.Detail}", "Call again; 'backup-sidecar status' shows whether it runs.", exception)
        : null;

    private NobodyAnswersException? FindNobody(RpcException exception)
    {
        for (var cause = exception.InnerException ?? exception.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return new NobodyAnswersException(
                        $"The socket {_address} may not be asked: {cause.Message}.", "Run as the user that serve runs as, or in the group of its app socket.", exception);
                case SocketException:
                    return new NobodyAnswersException(
                        $"No serve is running with the socket {_address}: {(!_isSocket ? cause.Message : File.Exists(_address) ? "nobody listens there" : "there is no such file")}.",
                        _doubt ?? "Start it with 'backup-sidecar serve', or name its socket with --sidecar, its state directory with --state or its configuration with --config. If it does run there, its state directory was removed under it: restart it.",
                        exception);
                default:
                    continue;
            }
        }

        return null;
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
