using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore.Swap;

/// <summary>A write lock on a range of bytes that lasts as long as its descriptor and dies with its process.</summary>
internal static class FileLock
{
    /// <summary>
    /// About a millisecond each. The lock of a process that was just killed, and one that a child inherited which has not begun its program yet, goes a moment
    /// after its holder.
    /// </summary>
    private const int AttemptsMax = 200;

    /// <summary>False where another holder has a part of the range, and keeps it.</summary>
    public static bool TryTake(SafeFileHandle file, string path, long start, long length)
    {
        var wait = new SpinWait();
        for (var attempt = 1; !TryTakeNow(file, path, start, length); attempt++)
        {
            if (attempt == AttemptsMax)
            {
                return false;
            }

            wait.SpinOnce(sleep1Threshold: 1);
        }

        return true;
    }

    /// <summary>True if anybody holds any lock on the range. A file that cannot be opened or asked answers false.</summary>
    public static bool IsHeldByOthers(string path, long start, long length)
    {
        using var file = Posix.OpenHandle(path, Posix.OpenReadOnly, mode: 0);
        var range = new Posix.LockRange { Type = Posix.LockWrite, Start = start, Length = length };
        return !file.IsInvalid
            && Posix.FcntlLock(file, Posix.FcntlGetLockOfDescription, ref range) == 0
            && range.Type != Posix.LockNone;
    }

    private static bool TryTakeNow(SafeFileHandle file, string path, long start, long length)
    {
        var range = new Posix.LockRange { Type = Posix.LockWrite, Start = start, Length = length };
        if (Posix.FcntlLock(file, Posix.FcntlSetLockOfDescription, ref range) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error == Posix.ErrorInvalid)
        {
            range = new Posix.LockRange { Type = Posix.LockWrite, Start = start, Length = length };
            error = Posix.FcntlLock(file, Posix.FcntlSetLock, ref range) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }

        return error switch
        {
            0 => true,
            Posix.ErrorAgain or Posix.ErrorAccess => false,
            _ => throw SwapFailure.OfSystem("Cannot lock the file", path, error),
        };
    }
}
