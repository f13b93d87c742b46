using System.Net.Sockets;
using System.Runtime.InteropServices;
using BackupSidecar.Primitives;
using BackupSidecar.Source;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Hosting.Service;

/// <summary>Makes the Unix sockets that serve listens on, with their owner and mode before anybody can connect.</summary>
internal static partial class SocketListener
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerAndGroup = Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode OwnerDirectory = Owner | UnixFileMode.UserExecute;
    private const UnixFileMode GroupDirectory = OwnerDirectory | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
    private const uint SameUser = uint.MaxValue;

    /// <summary>Bound and not yet listening.</summary>
    /// <param name="path">Its directory is made if it does not exist; a socket that nobody listens on any more is replaced.</param>
    /// <param name="isForGroup">True: the group may connect, too.</param>
    /// <param name="group">That group; null: the one that it has by itself.</param>
    /// <exception cref="OperatorException">Somebody listens there, something else lies there, or it cannot be made.</exception>
    public static Socket Bind(string path, bool isForGroup, uint? group)
    {
        try
        {
            MakeDirectory(Path.GetDirectoryName(path)!, isForGroup, group);
            RemoveLeftOver(path);
            return BindNew(path, isForGroup, group);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            throw new OperatorException(
                FailureKind.Failed, $"The socket {path} cannot be made: {e.Message}", "Its directory must be writable and on a local file system; a group must be one of the user's, unless it is root.", e);
        }
    }

    private static void MakeDirectory(string directory, bool isForGroup, uint? group)
    {
        if (!Directory.Exists(directory))
        {
            var mode = isForGroup ? GroupDirectory : OwnerDirectory;
            _ = Directory.CreateDirectory(directory, mode);
            ChangeGroup(directory, group);

            // The mask of the process may have taken the group's rights.
            File.SetUnixFileMode(directory, mode);
        }
    }

    /// <summary>At the end: what cannot be removed, or is gone with its directory, is no reason to end otherwise. The next start removes a socket that nobody listens on.</summary>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See above.
        }
    }

    private static void RemoveLeftOver(string path)
    {
        if (!Path.Exists(path))
        {
            return;
        }

        if (!IsListenedOn(path))
        {
            if (NativeFile.Stat(path, out var stat) != 0 || !stat.IsSocket)
            {
                throw new OperatorException(FailureKind.Failed, $"The socket {path} cannot be made: something else has that name.", "Remove it, or choose another path.");
            }

            File.Delete(path);
            return;
        }

        throw new OperatorException(FailureKind.Locked, $"Another process listens on the socket {path}.", "Give each serve a state directory (--state) and a service.appSocket of its own.");
    }

    private static bool IsListenedOn(string path)
    {
        // A listener that hangs has a full queue, and connecting would wait for it.
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            return true;
        }
    }

    private static Socket BindNew(string path, bool isForGroup, uint? group)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Before it has a name, so that there is no moment in which others could connect: bind takes the mode over.
            using (var handle = new SafeFileHandle(socket.Handle, ownsHandle: false))
            {
                File.SetUnixFileMode(handle, Owner);
            }

            socket.Bind(new UnixDomainSocketEndPoint(path));
            ChangeGroup(path, group);
            if (isForGroup)
            {
                File.SetUnixFileMode(path, OwnerAndGroup);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void ChangeGroup(string path, uint? group)
    {
        if (group is { } id && ChangeOwner(path, SameUser, id) != 0)
        {
            throw new IOException($"{path} cannot be given to group {id}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
