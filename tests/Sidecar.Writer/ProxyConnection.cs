using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace BackupSidecar.Writer;

/// <summary>One connection through a proxy, in both directions.</summary>
internal sealed class ProxyConnection(TcpClient client, Proxy proxy) : IDisposable
{
    private const int PieceBytes = 16 << 10;

    /// <summary>Pieces of one direction that are under way: more would hide from a client that nothing arrives.</summary>
    private const int PiecesMax = 64;

    private readonly TcpClient _server = new();

    public async Task RunAsync(int target)
    {
        try
        {
            await _server.ConnectAsync(IPAddress.Loopback, target);
            client.NoDelay = _server.NoDelay = true;
            await Task.WhenAny(PumpAsync(client, _server, isUp: true), PumpAsync(_server, client, isUp: false));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Nobody listens there, or it was cut: so it ends here, too.
        }

        proxy.Ended(this);
        Dispose();
    }

    /// <summary>Ends both sides at once, by a reset.</summary>
    public void Cut()
    {
        foreach (var side in (TcpClient[])[client, _server])
        {
            try
            {
                side.Client?.Close(0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                continue;
            }
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool isUp)
    {
        var underWay = Channel.CreateBounded<(byte[] Bytes, TimeSpan Due)>(PiecesMax);
        var reading = ReadAsync(from, underWay.Writer, isUp);
        await WriteAsync(to, underWay.Reader, isUp);
        await reading;
    }

    private async Task ReadAsync(TcpClient from, ChannelWriter<(byte[] Bytes, TimeSpan Due)> underWay, bool isUp)
    {
        try
        {
            var piece = new byte[PieceBytes];
            for (int read; (read = await from.GetStream().ReadAsync(piece)) > 0;)
            {
                await underWay.WriteAsync((piece[..read], proxy.DueNow(isUp)));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The end of one side is the end of both.
        }

        underWay.Complete();
    }

    private async Task WriteAsync(TcpClient to, ChannelReader<(byte[] Bytes, TimeSpan Due)> underWay, bool isUp)
    {
        try
        {
            await foreach (var (bytes, due) in underWay.ReadAllAsync())
            {
                await proxy.PassAsync(isUp, bytes.Length, due);
                await to.GetStream().WriteAsync(bytes);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // As above.
        }
    }
}
