using System.Net.Sockets;
using BackupSidecar.Api;
using BackupSidecar.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Service;

/// <summary>The gRPC server of serve: a Unix socket for operators and one for the app.</summary>
/// <remarks>
/// A listener says who calls; <see cref="CallRules"/> says what they may. HTTP/2 without TLS, since the file system decides who can connect.
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
            await application.StartAsync(ct);
            return new ServiceHost(application, ending, [.. sockets.Keys]);
        }
        catch
        {
            foreach (var (path, socket) in sockets)
            {
                socket.Dispose();
                File.Delete(path);
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
            File.Delete(path);
        }

        _ending.Dispose();
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
        builder.WebHost.UseKestrelCore().UseSockets(transport => transport.CreateBoundListenSocket = endpoint => sockets[((UnixDomainSocketEndPoint)endpoint).ToString()]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax * 2;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            Listen(kestrel, settings.OperatorSocket, CallerRole.Operator);
            Listen(kestrel, settings.AppSocket, CallerRole.App);
        });
        var application = builder.Build();
        application.MapGrpcService<StatusApi>();
        application.MapGrpcService<LifecycleApi>();
        application.MapGrpcService<RestoreApi>();
        application.MapGrpcService<BackupApi>();
        application.MapGrpcService<ConfigurationApi>();
        application.MapGrpcService<HealthApi>();
        return application;
    }

    private static void Listen(KestrelServerOptions kestrel, string path, CallerRole role) => kestrel.ListenUnixSocket(path, listener =>
    {
        listener.Protocols = HttpProtocols.Http2;
        var caller = new SocketCaller(role);
        listener.Use(next => connection =>
        {
            connection.Features.Set<ICaller>(caller);
            return next(connection);
        });
    });
}
