using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore.Swap;

/// <summary>All of SQLite's locks on one database file, held without SQLite: to every connection the database is busy.</summary>
/// <remarks>
/// SQLite's PENDING, RESERVED and SHARED bytes lie side by side (os_unix.c), so one write lock over them excludes every reader and writer of
/// either journal mode: an attached WAL connection holds a shared lock on them for as long as it is attached.
/// The lock belongs to the open file description, not to the process, so that another descriptor of the file that this process closes does not
/// drop it; where a file system knows only process-wide locks it takes one of those, and then nobody in this process may open the file meanwhile.
/// </remarks>
internal sealed class DatabaseLock : IDisposable
{
    private const long PendingByte = 0x40000000;
    private const long LockBytes = 1 + 1 + 510;

    private readonly SafeFileHandle _file;

    private DatabaseLock(string path, SafeFileHandle file)
    {
        Path = path;
        _file = file;
    }

    /// <summary>The name it was opened by; by now another file may have it.</summary>
    public string Path { get; }

    public FileFacts Facts => FileFacts.Of(_file, Path);

    /// <summary>Null where somebody else holds a lock, or where the name went to another file meanwhile.</summary>
    public static DatabaseLock? TryTake(string path)
    {
        var file = Posix.OpenHandle(path, Posix.OpenReadWrite, mode: 0);
        if (file.IsInvalid)
        {
            throw SwapFailure.OfLastCall("Cannot open the database for its locks", path);
        }

        var taken = false;
        try
        {
            taken = FileLock.TryTake(file, path, PendingByte, LockBytes)
                && FileFacts.Of(path) is { } named
                && named.IsSameFileAs(FileFacts.Of(file, path));
            return taken ? new DatabaseLock(path, file) : null;
        }
        finally
        {
            if (!taken)
            {
                file.Dispose();
            }
        }
    }

    /// <summary>Fills as much of the buffer as the file has, from its start.</summary>
    public int ReadStart(Span<byte> destination) => RandomAccess.Read(_file, destination, fileOffset: 0);

    /// <summary>Content and facts of the file survive a power loss.</summary>
    public void Sync()
    {
        if (Posix.Fsync(_file) != 0)
        {
            throw SwapFailure.OfLastCall("Cannot sync the file", Path);
        }
    }

    /// <summary>Gives the file the permissions and the owner of another. False if the owner could not be changed.</summary>
    public bool TakeModeAndOwnerOf(FileFacts model)
    {
        var facts = Facts;
        var owned = (facts.User == model.User && facts.Group == model.Group) || Posix.ChangeOwner(_file, model.User, model.Group) == 0;
        if (Posix.ChangeMode(_file, model.Permissions) != 0)
        {
            throw SwapFailure.OfLastCall("Cannot set the permissions of", Path);
        }

        return owned;
    }

    /// <summary>Who else has the file open just now, with or without a lock.</summary>
    public OtherOpeners AskForOtherOpeners()
    {
        var answer = BeginWatch();
        return answer == OtherOpeners.None && !EndWatch() ? OtherOpeners.Some : answer;
    }

    /// <summary>
    /// Asks as <see cref="AskForOtherOpeners"/>; on <see cref="OtherOpeners.None"/> it then keeps everybody who opens the file waiting inside
    /// the system until <see cref="EndWatch"/>.
    /// </summary>
    /// <remarks>
    /// By a write lease, which Linux grants only while no other description of the inode is open, whatever container or name it was opened by.
    /// Leases need the owner of the file or CAP_LEASE, and a local file system.
    /// </remarks>
    public OtherOpeners BeginWatch()
    {
        _ = Posix.Fcntl(_file, Posix.FcntlSetSignal, Posix.SignalUrgent);
        return SetLease(Posix.LockWrite) switch
        {
            0 => OtherOpeners.None,
            Posix.ErrorAgain => OtherOpeners.Some,
            _ => OtherOpeners.Unknown,
        };
    }

    /// <summary>Lets those who wait go on. False if somebody opened the file, or began to, since <see cref="BeginWatch"/>.</summary>
    public bool EndWatch()
    {
        var untouched = Posix.Fcntl(_file, Posix.FcntlGetLease, 0) == Posix.LockWrite;
        _ = SetLease(Posix.LockNone);
        return untouched;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Sets or gives back the lease; 0, or the error of the system.</summary>
    /// <remarks>
    /// Root in a container is rarely given CAP_LEASE, but may act as the owner of the file, which concerns this thread only.
    /// Giving back needs the same right as setting.
    /// </remarks>
    private int SetLease(short lease)
    {
        var error = Posix.Fcntl(_file, Posix.FcntlSetLease, lease) == 0 ? 0 : Marshal.GetLastPInvokeError();
        if (error != Posix.ErrorAccess || Posix.EffectiveUser() != 0)
        {
            return error;
        }

        var owner = Facts.User;
        var former = Posix.SetFileSystemUser(owner);
        try
        {
            return Posix.Fcntl(_file, Posix.FcntlSetLease, lease) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        finally
        {
            _ = Posix.SetFileSystemUser((uint)former);
        }
    }
}
