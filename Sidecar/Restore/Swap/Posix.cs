using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore.Swap;

/// <summary>The system calls of the swap that .NET does not offer. Linux with glibc, x64 and arm64: constants and layouts are the same on both.</summary>
internal static partial class Posix
{
    public const int OpenReadWrite = 2;
    public const int OpenReadOnly = 0;
    public const int OpenCreateNew = 0x40 | 0x80;
    public const int OpenCloseOnExec = 0x80000;

    public const int AtCurrentDirectory = -100;
    public const int AtEmptyPath = 0x1000;
    public const int AtSymlinkNoFollow = 0x100;
    public const uint RenameNoReplace = 1;
    public const uint RenameExchange = 2;

    public const int FcntlSetLock = 6;
    public const int FcntlSetSignal = 10;
    public const int FcntlGetLockOfDescription = 36;
    public const int FcntlSetLockOfDescription = 37;
    public const int FcntlSetLease = 1024;
    public const int FcntlGetLease = 1025;

    public const short LockWrite = 1;
    public const short LockNone = 2;

    /// <summary>Ignored by default, and by .NET: unlike SIGIO, which would end the process when a lease is broken.</summary>
    public const int SignalUrgent = 23;

    public const int ErrorNotPermitted = 1;
    public const int ErrorNoEntry = 2;
    public const int ErrorAgain = 11;
    public const int ErrorAccess = 13;
    public const int ErrorBusy = 16;
    public const int ErrorExists = 17;
    public const int ErrorCrossDevice = 18;
    public const int ErrorInvalid = 22;
    public const int ErrorNoSpace = 28;
    public const int ErrorReadOnlyFileSystem = 30;
    public const int ErrorNameTooLong = 36;
    public const int ErrorNotImplemented = 38;
    public const int ErrorNotSupported = 95;
    public const int ErrorQuota = 122;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    /// <summary>An open descriptor; invalid where the call failed, with the error in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public static SafeFileHandle OpenHandle(string path, int flags, uint mode) =>
        new(Open(path, flags | OpenCloseOnExec, mode), ownsHandle: true);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(SafeFileHandle file, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int FcntlLock(SafeFileHandle file, int command, ref LockRange range);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RenameAt2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, out StatxBuffer facts);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StatxOfHandle(SafeFileHandle file, string emptyPath, int flags, uint mask, out StatxBuffer facts);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>Changes, for this thread alone, as whom the file system sees us. Answers the former user.</summary>
    [LibraryImport("libc", EntryPoint = "setfsuid")]
    public static partial int SetFileSystemUser(uint user);

    /// <summary>struct flock of a 64-bit system.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    internal struct LockRange
    {
        [FieldOffset(0)]
        public short Type;

        [FieldOffset(2)]
        public short Whence;

        [FieldOffset(8)]
        public long Start;

        [FieldOffset(16)]
        public long Length;

        [FieldOffset(24)]
        public int Process;
    }

    /// <summary>The fields of struct statx that are used here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct StatxBuffer
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
