using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore.Swap;

/// <summary>A write lock on a range of bytes that lasts as long as its descriptor and dies with its process.</summary>
internal static class FileLock
{
    /// <summary>False where another holder has a part of the range.</summary>
    public static bool TryTake(SafeFileHandle file, string path, long start, long length)
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

    /// <summary>True if anybody holds any lock on the range. A file that cannot be opened or asked answers false.</summary>
    public static bool IsHeldByOthers(string path, long start, long length)
    {
        using var file = Posix.OpenHandle(path, Posix.OpenReadOnly, mode: 0);
        var range = new Posix.LockRange { Type = Posix.LockWrite, Start = start, Length = length };
        return !file.IsInvalid
            && Posix.FcntlLock(file, Posix.FcntlGetLockOfDescription, ref range) == 0
            && range.Type != Posix.LockNone;
    }
}
