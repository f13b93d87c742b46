using System.Net;
using System.Net.Sockets;
using BackupSidecar.Api;
using BackupSidecar.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Service;

/// <summary>The gRPC server of serve: a Unix socket for operators and one for the app; where they are configured, addresses for operators with a token, and for monitoring.</summary>
/// <remarks>
/// A listener says who calls; <see cref="CallRules"/> says what they may. HTTP/2 without TLS, since the file system, or a token on this machine alone, decides who can connect.
/// </remarks>
internal sealed class ServiceHost : IAsyncDisposable
{
    /// <summary>Requests name a source and a few numbers.</summary>
    private const int RequestBytesMax = 64 * 1024;

    /// <summary>Connections of an app's instances, of operators and of probes. One more is refused.</summary>
    public const int ConnectionsMax = 256;

    /// <summary>How long calls that go on may take to end.</summary>
    private static readonly TimeSpan StopMax = TimeSpan.FromMilliseconds(500);

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _ending;
    private readonly string[] _paths;

    private ServiceHost(WebApplication application, CancellationTokenSource ending, string[] paths)
    {
        _application = application;
        _ending = ending;
        _paths = paths;
    }

    /// <summary>Returns when calls are answered.</summary>
    /// <exception cref="OperatorException">A socket cannot be made.</exception>
    public static async ValueTask<ServiceHost> StartAsync(ServiceSettings settings, IServedSidecar sidecar, ILogger log, TimeProvider time, CancellationToken ct)
    {
        var ending = new CancellationTokenSource();
        var sockets = new Dictionary<string, Socket>(StringComparer.Ordinal);
        try
        {
            sockets[settings.OperatorSocket] = SocketListener.Bind(settings.OperatorSocket, isForGroup: false, group: null);
            sockets[settings.AppSocket] = SocketListener.Bind(settings.AppSocket, isForGroup: true, settings.AppSocketGroup);
            var application = Build(settings, sockets, sidecar, new CallEnd(ending.Token), log, time);
            await ListenAsync(application, ct);
            return new ServiceHost(application, ending, [.. sockets.Keys]);
        }
        catch
        {
            foreach (var (path, socket) in sockets)
            {
                socket.Dispose();
                SocketListener.Remove(path);
            }

            ending.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        using var late = new CancellationTokenSource(StopMax, TimeProvider.System);
        await _application.StopAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _application.DisposeAsync();
        foreach (var path in _paths)
        {
            SocketListener.Remove(path);
        }

        _ending.Dispose();
    }

    private static async Task ListenAsync(WebApplication application, CancellationToken ct)
    {
        try
        {
            await application.StartAsync(ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw new OperatorException(
                FailureKind.Failed, $"The service cannot listen: {e.Message}", "Choose an address of this machine that no other program uses: service.listen, grpcWebListen, monitorListen and monitorGrpcListen.", e);
        }
    }

    private static WebApplication Build(
        ServiceSettings settings, Dictionary<string, Socket> sockets, IServedSidecar sidecar, CallEnd end, ILogger log, TimeProvider time)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        // The signals of the process are serve's own.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton<ILoggerProvider>(new ServiceLoggerProvider(log));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(sidecar).AddSingleton(end).AddSingleton(time).AddSingleton(log);
        builder.Services.AddSingleton<StatusApi>().AddSingleton<LifecycleApi>().AddSingleton<RestoreApi>().AddSingleton<HealthApi>();
        builder.Services.AddSingleton<BackupApi>().AddSingleton<ConfigurationApi>();
        builder.Services.AddSingleton<CallInterceptor>();
        builder.Services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = RequestBytesMax;
            options.Interceptors.Add<CallInterceptor>();
        });
        builder.WebHost.UseKestrelCore().UseSockets(transport => transport.CreateBoundListenSocket = endpoint =>
            endpoint is UnixDomainSocketEndPoint unix ? sockets[unix.ToString()] : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax * 2;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.ListenUnixSocket(settings.OperatorSocket, listener => Accept(listener, HttpProtocols.Http2, new SocketCaller(CallerRole.Operator)));
            kestrel.ListenUnixSocket(settings.AppSocket, listener => Accept(listener, HttpProtocols.Http2, new SocketCaller(CallerRole.App)));
            Listen(kestrel, settings.Listen, HttpProtocols.Http2, () => new TokenCaller(settings.Token!));
            Listen(kestrel, settings.GrpcWebListen, HttpProtocols.Http1, () => new TokenCaller(settings.Token!));
            Listen(kestrel, settings.MonitorListen, HttpProtocols.Http1, () => new SocketCaller(CallerRole.Monitor));
            Listen(kestrel, settings.MonitorGrpcListen, HttpProtocols.Http2, () => new SocketCaller(CallerRole.Monitor));
        });
        var telemetry = Telemetry.AddTo(builder, settings, sidecar, time);
        var application = builder.Build();
        if (settings.MonitorListen is not null)
        {
            application.Use(next => context => MonitorEndpoints.HandleAsync(context, next, sidecar));
        }

        telemetry?.MapTo(application);
        if (settings.GrpcWebListen is not null)
        {
            application.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
        }

        application.MapGrpcService<StatusApi>();
        application.MapGrpcService<LifecycleApi>();
        application.MapGrpcService<RestoreApi>();
        application.MapGrpcService<BackupApi>();
        application.MapGrpcService<ConfigurationApi>();
        application.MapGrpcService<HealthApi>();
        return application;
    }

    private static void Listen(KestrelServerOptions kestrel, IPEndPoint? address, HttpProtocols protocols, Func<ICaller> caller)
    {
        if (address is not null)
        {
            kestrel.Listen(address, listener => Accept(listener, protocols, caller()));
        }
    }

    private static void Accept(ListenOptions listener, HttpProtocols protocols, ICaller caller)
    {
        listener.Protocols = protocols;
        listener.Use(next => connection =>
        {
            connection.Features.Set(caller);
            return next(connection);
        });
    }
}
