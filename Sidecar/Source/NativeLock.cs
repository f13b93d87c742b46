using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Source;

/// <summary>Asks for POSIX locks of other processes (fcntl(2), F_GETLK). Takes none.</summary>
internal static unsafe partial class NativeLock
{
    /// <summary>Byte of the -shm that every process with the log open locks (os_unix.c, UNIX_SHM_DMS).</summary>
    private const long DeadManSwitch = 128;

    /// <summary>Byte of the -shm that whoever checkpoints locks (wal.c, WAL_CKPT_LOCK), also while it waits for readers.</summary>
    private const long Checkpoint = 121;

    private const int GetLock = 5;
    private const short ForWriting = 1;
    private const short Unlocked = 2;
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>Opens and closes the file: only while no connection of this process is open on it. False if it is not there or cannot be opened.</summary>
    public static bool IsDeadManSwitchHeld(string shmPath)
    {
        using var file = Open(shmPath, ReadOnlyCloseOnExec);
        return !file.IsInvalid && IsDeadManSwitchHeld((int)file.DangerousGetHandle());
    }

    public static bool IsDeadManSwitchHeld(int descriptor) => IsHeld(descriptor, DeadManSwitch);

    public static bool IsCheckpointHeld(int descriptor) => IsHeld(descriptor, Checkpoint);

    private static bool IsHeld(int descriptor, long offset)
    {
        var conflict = new FileLock { Type = ForWriting, Start = offset, Length = 1 };
        return Control(descriptor, GetLock, &conflict) == 0 && conflict.Type != Unlocked;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, FileLock* argument);

    /// <summary>struct flock, the same on the 64-bit architectures.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }
}
