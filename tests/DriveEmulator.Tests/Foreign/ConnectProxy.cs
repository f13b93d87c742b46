using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace BackupSidecar.DriveEmulator.Tests.Foreign;

/// <summary>A proxy that plays Google: it takes CONNECT for any of its names, ends TLS itself and passes what is inside to the emulator.</summary>
internal sealed class ConnectProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TestAuthority _authority;
    private readonly Uri _emulator;
    private readonly List<string> _hosts = [];
    private readonly Task _accepting;

    public ConnectProxy(TestAuthority authority, Uri emulator)
    {
        _authority = authority;
        _emulator = emulator;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>What clients have asked to be connected with, each as often as they did.</summary>
    public IReadOnlyList<string> Hosts
    {
        get
        {
            lock (_hosts)
            {
                return [.. _hosts];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                connections.Add(ServeAsync(client));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            using (var target = new TcpClient())
            {
                var plain = client.GetStream();
                var host = await ReadConnectAsync(plain);
                lock (_hosts)
                {
                    _hosts.Add(host);
                }

                await plain.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _stop.Token);
                await using var inside = new SslStream(plain);
                await inside.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _authority.Server }, _stop.Token);
                await target.ConnectAsync(_emulator.Host, _emulator.Port, _stop.Token);
                var outside = target.GetStream();
                await Task.WhenAny(inside.CopyToAsync(outside, _stop.Token), outside.CopyToAsync(inside, _stop.Token));
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or SocketException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
            // The client is gone, or does not believe us; its own message says so.
        }
    }

    private async Task<string> ReadConnectAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var letter = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(letter, _stop.Token) == 0)
            {
                throw new IOException("The client left before it said where to.");
            }

            head.Append((char)letter[0]);
        }

        return head.ToString().Split(' ') is ["CONNECT", var host, ..] ? host : throw new IOException("This is no CONNECT.");
    }
}
