using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace BackupSidecar.Writer;

/// <summary>A line to a port of loopback that its standard input breaks, blocks and slows down.</summary>
/// <remarks>
/// The first line of output is the port to connect to. Commands, each answered by <c>ok</c>: <c>open</c>; <c>hole</c>; <c>cut</c>; <c>delay MILLISECONDS</c> in each direction;
/// <c>rate BYTES</c> a second in each direction, for all connections together, 0 for no limit; <c>hold BYTES</c>: after so many further ones from clients it is a hole, and prints <c>held</c>.
/// </remarks>
internal sealed class Proxy(int target, TextWriter output, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly HashSet<ProxyConnection> _connections = [];
    private readonly ProxyLine _up = new(time);
    private readonly ProxyLine _down = new(time);
    private ProxyState _state;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _untilHeld;

    public async Task RunAsync(TextReader commands)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await output.WriteLineAsync(((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture));
        var accepting = AcceptAsync(listener);
        while (await commands.ReadLineAsync() is { } line)
        {
            Obey(line.Split(' '));
            await output.WriteLineAsync("ok");
        }

        listener.Stop();
        await accepting;
    }

    public TimeSpan DueNow(bool isUp) => (isUp ? _up : _down).DueNow;

    /// <summary>Returns when these bytes may pass.</summary>
    public async Task PassAsync(bool isUp, int bytes, TimeSpan due)
    {
        await (isUp ? _up : _down).WaitAsync(due);
        await (isUp ? _up : _down).PassAsync(bytes);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_state == ProxyState.Open && (!isUp || !IsHeld_NeedsLock(bytes)))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed;
        }
    }

    public void Ended(ProxyConnection connection)
    {
        lock (_gate)
        {
            _ = _connections.Remove(connection);
        }
    }

    private bool IsHeld_NeedsLock(int bytes)
    {
        if (_untilHeld is not { } left)
        {
            return false;
        }

        _untilHeld = left - bytes;
        if (_untilHeld > 0)
        {
            return false;
        }

        (_state, _untilHeld) = (ProxyState.Hole, null);
        output.WriteLine("held");
        return true;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            lock (_gate)
            {
                if (_state == ProxyState.Cut)
                {
                    client.Client.LingerState = new LingerOption(true, 0);
                    client.Dispose();
                    continue;
                }

                var connection = new ProxyConnection(client, this);
                _ = _connections.Add(connection);
                _ = connection.RunAsync(target);
            }
        }
    }

    private void Obey(string[] command)
    {
        switch (command)
        {
            case ["open"]:
                Become(ProxyState.Open);
                break;
            case ["hole"]:
                Become(ProxyState.Hole);
                break;
            case ["cut"]:
                Become(ProxyState.Cut);
                break;
            case ["delay", var milliseconds]:
                _up.Delay = _down.Delay = TimeSpan.FromMilliseconds(int.Parse(milliseconds, CultureInfo.InvariantCulture));
                break;
            case ["rate", var bytes]:
                _up.BytesPerSecond = _down.BytesPerSecond = long.Parse(bytes, CultureInfo.InvariantCulture);
                break;
            case ["hold", var bytes]:
                lock (_gate)
                {
                    _untilHeld = long.Parse(bytes, CultureInfo.InvariantCulture);
                }

                break;
            default:
                throw new InvalidOperationException($"A proxy knows no command '{string.Join(' ', command)}'.");
        }
    }

    private void Become(ProxyState state)
    {
        List<ProxyConnection> ended = [];
        TaskCompletionSource changed;
        lock (_gate)
        {
            (_state, _untilHeld) = (state, null);
            if (state == ProxyState.Cut)
            {
                ended = [.. _connections];
            }

            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        ended.ForEach(connection => connection.Cut());
        changed.SetResult();
    }
}
