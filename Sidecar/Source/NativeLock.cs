using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Source;

/// <summary>Asks for POSIX locks of other processes (fcntl(2), F_GETLK). Takes none.</summary>
internal static unsafe partial class NativeLock
{
    /// <summary>Byte of the -shm that every process with the log open locks (os_unix.c, UNIX_SHM_DMS).</summary>
    private const long DeadManSwitch = 128;

    /// <summary>Byte of the -shm that a writer locks, from before its first frame until its commit is in the index (wal.c, WAL_WRITE_LOCK).</summary>
    private const long WriteLock = 120;

    /// <summary>Byte of the -shm that whoever checkpoints locks (wal.c, WAL_CKPT_LOCK), also while it waits for readers.</summary>
    private const long CheckpointLock = 121;

    /// <summary>First of the bytes of the -shm that readers lock: one for each read mark (wal.c, WAL_READ_LOCK).</summary>
    private const long ReadMarks = 123;

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

    public static bool IsDeadManSwitchHeld(int descriptor) => FindHolder(descriptor, DeadManSwitch) is not null;

    /// <summary>One of those that hold a read mark, 0 to 4, of the log whose index the descriptor is of; null: nobody but this process.</summary>
    /// <returns>A process id; 0: a process of another PID namespace; negative: it cannot be told.</returns>
    public static int? FindHolderOfReadMark(int descriptor, int mark) => FindHolder(descriptor, ReadMarks + mark);

    /// <summary>True while another process is within a transaction that writes.</summary>
    public static bool IsWriteLockHeld(int descriptor) => FindHolder(descriptor, WriteLock) is not null;

    /// <summary>True while another process checkpoints, or waits for readers in order to start the log anew.</summary>
    public static bool IsCheckpointLockHeld(int descriptor) => FindHolder(descriptor, CheckpointLock) is not null;

    private static int? FindHolder(int descriptor, long position)
    {
        var conflict = new FileLock { Type = ForWriting, Start = position, Length = 1 };
        return Control(descriptor, GetLock, &conflict) == 0 && conflict.Type != Unlocked ? conflict.ProcessId : null;
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
