using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>Listens on loopback for the one redirect that ends a sign-in, and says to the browser how it went.</summary>
internal sealed class LoopbackRedirect : IDisposable
{
    /// <summary>Bytes of a request's head; a browser's is a few hundred.</summary>
    private const int HeadMax = 16 << 10;

    private readonly TcpListener _listener;

    /// <param name="port">0: a free one.</param>
    /// <exception cref="DriveCredentialException">The port is taken.</exception>
    public LoopbackRedirect(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            _listener.Start();
        }
        catch (SocketException e)
        {
            throw new DriveCredentialException($"Cannot listen on port {port} of this host: {e.Message}", "Give another port, or none.", e);
        }
    }

    /// <summary>Where Google is to send the browser.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>The query of the first request that has one with the given state; others, such as for an icon, are sent away.</summary>
    public async Task<IReadOnlyDictionary<string, string>> WaitAsync(string state, CancellationToken ct)
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(ct);
            await using var stream = client.GetStream();
            try
            {
                var query = QueryOf(await ReadHeadAsync(stream, ct));
                var fits = query.GetValueOrDefault("state") == state;
                await stream.WriteAsync(PageFor(fits, query.ContainsKey("code")), ct);
                if (fits)
                {
                    return query;
                }
            }
            catch (IOException)
            {
                // A browser that went away before it had its page.
                continue;
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken ct)
    {
        var buffer = new byte[HeadMax];
        for (var length = 0; length < buffer.Length;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), ct);
            length += read;
            var head = Encoding.ASCII.GetString(buffer, 0, length);
            if (read == 0 || head.Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                return head;
            }
        }

        return "";
    }

    private static Dictionary<string, string> QueryOf(string head)
    {
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        if (head.Split(' ') is ["GET", var target, ..] && target.Split('?', 2) is [_, var text])
        {
            foreach (var pair in text.Split('&'))
            {
                var parts = pair.Split('=', 2);
                query[Uri.UnescapeDataString(parts[0])] = parts.Length == 2 ? Uri.UnescapeDataString(parts[1].Replace('+', ' ')) : "";
            }
        }

        return query;
    }

    private static byte[] PageFor(bool fits, bool isGranted)
    {
        var text = !fits ? "Nothing is here." : isGranted ? "Signed in. You can close this page and go back to the terminal." : "Not signed in. The terminal says why.";
        return Encoding.ASCII.GetBytes($"HTTP/1.1 {(fits ? "200 OK" : "404 Not Found")}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {text.Length}\r\nConnection: close\r\n\r\n{text}");
    }
}
