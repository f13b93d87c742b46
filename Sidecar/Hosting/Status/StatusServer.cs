using System.Net.Sockets;
using System.Text.Json;
using BackupSidecar.Primitives;
using BackupSidecar.Store.FileSystem;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Hosting.Status;

/// <summary>Answers on the status socket while serve runs. The lock beside it says that its owner lives.</summary>
internal sealed class StatusServer : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Who connects and does not read is let go.</summary>
    private static readonly TimeSpan SendMax = TimeSpan.FromSeconds(2);

    private readonly Socket _socket;
    private readonly FileSystemLock _lock;
    private readonly string _path;
    private readonly Func<ServeStatus> _status;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _answering;

    private StatusServer(Socket socket, FileSystemLock owner, string path, Func<ServeStatus> status, ILogger log, TimeProvider time)
    {
        _socket = socket;
        _lock = owner;
        _path = path;
        _status = status;
        _log = log;
        _time = time;
        _answering = AnswerAsync();
    }

    /// <param name="stateDirectory">It exists.</param>
    /// <param name="status">Asked once a connection, from any thread.</param>
    /// <param name="log">For what goes wrong meanwhile.</param>
    /// <param name="time">The clock of the process.</param>
    /// <param name="ct">Ends the start.</param>
    /// <exception cref="OperatorException">Another serve uses this state directory, or the socket cannot be made.</exception>
    public static async ValueTask<StatusServer> StartAsync(string stateDirectory, Func<ServeStatus> status, ILogger log, TimeProvider time, CancellationToken ct)
    {
        var path = StatusSocket.PathIn(stateDirectory);
        FileSystemLock owner = FileSystemLock.Take(path + ".lock", $"process {Environment.ProcessId}", stateDirectory, new FileSystemErrors(stateDirectory));
        try
        {
            // Nobody else starts here now. What lies there is from a dead one, unless its lock was removed under it.
            if (await StatusSocket.AskAsync(path, time, ct) is { } other)
            {
                throw new OperatorException(
                    FailureKind.Locked, $"serve already runs with the state directory {stateDirectory}: process {other.ProcessId}.", "Give each serve a state directory of its own (--state).");
            }

            File.Delete(path);
            return new StatusServer(Listen(path), owner, path, status, log, time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            await owner.DisposeAsync();
            throw new OperatorException(FailureKind.Failed, $"The status socket {path} cannot be made: {e.Message}", "Check that the state directory is writable and on a local file system.", e);
        }
        catch
        {
            await owner.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _answering;
        _socket.Dispose();
        File.Delete(_path);
        await _lock.DisposeAsync();
        _stop.Dispose();
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Before it has a name, so that there is no moment in which others could connect: bind takes the mode over.
            using (var handle = new SafeFileHandle(socket.Handle, ownsHandle: false))
            {
                File.SetUnixFileMode(handle, OwnerOnly);
            }

            socket.Bind(new UnixDomainSocketEndPoint(path));
            socket.Listen(backlog: 8);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AnswerAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var connection = await _socket.AcceptAsync(_stop.Token);
                await SendAsync(connection);
            }
            catch (OperationCanceledException)
            {
                // The end, or one who did not read.
            }
            catch (SocketException e)
            {
                HostingLog.StatusFailed(_log, e, e.Message);

                // Out of descriptors, for example: not again at once.
                await Task.Delay(SendMax, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SendAsync(Socket connection)
    {
        var document = JsonSerializer.SerializeToUtf8Bytes(_status(), StatusJson.Default.ServeStatus);
        using var late = new CancellationTokenSource(SendMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop.Token);
        try
        {
            for (var sent = 0; sent < document.Length;)
            {
                sent += await connection.SendAsync(document.AsMemory(sent), SocketFlags.None, either.Token);
            }
        }
        catch (SocketException)
        {
            // It has hung up.
        }
    }
}
