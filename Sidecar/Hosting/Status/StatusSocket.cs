using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using BackupSidecar.Primitives;

namespace BackupSidecar.Hosting.Status;

/// <summary>Where serve and status meet: a Unix socket in the state directory, which only its owner can open. One document a connection.</summary>
internal static class StatusSocket
{
    private const string FileName = "serve.sock";

    /// <summary>sun_path of unix(7), without the zero at its end.</summary>
    private const int PathBytesMax = 107;

    /// <summary>Far above what a hundred sources say.</summary>
    private const int DocumentBytesMax = 16 * 1024 * 1024;

    /// <summary>A serve that has not answered by then hangs.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    /// <exception cref="OperatorException">The path is longer than the system allows.</exception>
    public static string PathIn(string stateDirectory)
    {
        var path = Path.Join(Path.GetFullPath(stateDirectory), FileName);
        var bytes = Encoding.UTF8.GetByteCount(path);
        return bytes <= PathBytesMax ? path : throw new OperatorException(
            FailureKind.Failed,
            $"The path {path} is too long for a socket: {bytes} bytes, and Linux allows {PathBytesMax}.",
            $"Choose a state directory with a path of at most {PathBytesMax - FileName.Length - 1} bytes (--state, or state.path in the configuration).");
    }

    /// <returns>Null if no serve answers there.</returns>
    /// <exception cref="OperatorException">One answers, but not as it should, or it may not be asked.</exception>
    public static async ValueTask<ServeStatus?> AskAsync(string path, TimeProvider time, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var late = new CancellationTokenSource(AnswerMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), either.Token);
            return JsonSerializer.Deserialize(await ReadAsync(socket, either.Token), StatusJson.Default.ServeStatus);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !File.Exists(path))
        {
            return null;
        }
        catch (SocketException e)
        {
            throw new OperatorException(FailureKind.Failed, $"The socket {path} cannot be asked: {e.Message}", "Run status as the user that serve runs as.", e);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new OperatorException(FailureKind.Failed, $"serve at {path} has not answered within {AnswerMax.TotalSeconds:0} s.", "The machine is overloaded, or serve hangs: look at its log.", e);
        }
        catch (JsonException e)
        {
            throw new OperatorException(FailureKind.Failed, $"The answer from {path} is not understood.", "Use the status command of the version that serves.", e);
        }
    }

    private static async ValueTask<byte[]> ReadAsync(Socket socket, CancellationToken ct)
    {
        using var document = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await socket.ReceiveAsync(buffer, ct) is var count and > 0 && document.Length < DocumentBytesMax)
        {
            document.Write(buffer, 0, count);
        }

        return document.ToArray();
    }
}
