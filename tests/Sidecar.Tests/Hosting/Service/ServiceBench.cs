using System.Net.Sockets;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using Grpc.Health.V1;

namespace BackupSidecar.Tests.Hosting.Service;

/// <summary>The service on real sockets, over a sidecar that the test plays.</summary>
internal sealed class ServiceBench : IAsyncDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly SharedText _log = new();
    private readonly List<RemoteSidecar> _clients = [];
    private ServiceHost? _host;

    public FakeSidecar Sidecar { get; } = new();

    public string OperatorSocket => _scratch.Join("operator/sidecar.sock");

    public string AppSocket => _scratch.Join("app/sidecar.sock");

    public string Log => _log.ToString();

    public string Join(string name) => _scratch.Join(name);

    public async Task StartAsync(uint? group = null, Func<ServiceSettings, ServiceSettings>? change = null)
    {
        var plain = new ServiceSettings { OperatorSocket = OperatorSocket, AppSocket = AppSocket, AppSocketGroup = group };
        var settings = change?.Invoke(plain) ?? plain;
        _host = await ServiceHost.StartAsync(settings, Sidecar, new LineLogger(_log, new LogOptions(), TimeProvider.System), TimeProvider.System, Xunit.TestContext.Current.CancellationToken);
    }

    public async Task StopAsync()
    {
        await _host!.DisposeAsync();
        _host = null;
    }

    public StatusService.StatusServiceClient StatusBy(string socket) => new(Client(socket).Calls);

    public LifecycleService.LifecycleServiceClient LifecycleBy(string socket) => new(Client(socket).Calls);

    public BackupService.BackupServiceClient BackupsBy(string socket) => new(Client(socket).Calls);

    public RestoreService.RestoreServiceClient RestoresBy(string socket) => new(Client(socket).Calls);

    public Health.HealthClient HealthBy(string socket) => new(Client(socket).Calls);

    public static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _log.Dispose();
        _scratch.Dispose();
    }

    private RemoteSidecar Client(string socket)
    {
        var client = new RemoteSidecar(socket);
        _clients.Add(client);
        return client;
    }
}
