using System.Net.Sockets;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;

namespace BackupSidecar.AspireHosting.Commands;

/// <summary>Calls to a running sidecar as an operator, through the Unix socket that only the user of the app host may open: no port is open for it, and no token exists that could get lost.</summary>
internal sealed class OperatorCalls : IDisposable
{
    private readonly GrpcChannel _channel;

    /// <param name="socket">Of the operators, absolute.</param>
    public OperatorCalls(string socket) => _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler { ConnectCallback = (_, ct) => ConnectAsync(socket, ct), UseProxy = false },
        DisposeHttpClient = true,
    });

    public CallInvoker Invoker => _channel.CreateCallInvoker();

    /// <summary>The last message of a stream, which tells what came of the call.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    public static async Task<T> LastAsync<T>(AsyncServerStreamingCall<T> call, CancellationToken ct)
        where T : class
    {
        using (call)
        {
            T? last = null;
            await foreach (var message in call.ResponseStream.ReadAllAsync(ct))
            {
                last = message;
            }

            return last ?? throw new RpcException(new Grpc.Core.Status(StatusCode.Internal, "The sidecar ended the call without an answer."));
        }
    }

    /// <summary>For people: what the sidecar says, and what it says to do.</summary>
    public static string Describe(RpcException exception)
    {
        var hint = exception.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Metadata.GetValueOrDefault("hint");
        return exception.InnerException is HttpRequestException || exception.Status.DebugException is HttpRequestException
            ? "The sidecar does not answer: its log in the dashboard says why."
            : string.IsNullOrEmpty(hint) ? exception.Status.Detail : $"{exception.Status.Detail} {hint}";
    }

    public void Dispose() => _channel.Dispose();

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
