using System.ComponentModel;
using System.Runtime.InteropServices;

namespace BackupSidecar.Writer;

/// <summary>The few system calls that .NET does not offer.</summary>
internal static partial class Libc
{
    private const int GetLock = 5;
    private const int SeekData = 3;
    private const int AtCurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const int SymlinkNoFollow = 0x100;
    private const uint StatxBasicStats = 0x7ff;

    public const short ReadLock = 0;
    public const short WriteLock = 1;
    public const short Unlocked = 2;

    /// <summary>The first lock that would refuse a write lock on this range; its type is <see cref="Unlocked"/> if there is none.</summary>
    public static FileLock FirstConflict(SafeHandle file, long start, long length)
    {
        var probe = new FileLock { Type = WriteLock, Start = start, Length = length };
        if (fcntl(file, GetLock, ref probe) != 0)
        {
            throw new Win32Exception();
        }

        return probe;
    }

    public static FileStatus Status(string path)
    {
        if (statx(AtCurrentDirectory, path, SymlinkNoFollow, StatxBasicStats, out var status) != 0)
        {
            throw new Win32Exception();
        }

        return status;
    }

    /// <summary>Of an open file, whatever has become of its name.</summary>
    public static FileStatus StatusOf(SafeHandle file) =>
        statx((int)file.DangerousGetHandle(), "", EmptyPath, StatxBasicStats, out var status) == 0 ? status : throw new Win32Exception();

    /// <summary>The first place from <paramref name="offset"/> on that is not in a hole; null at the end.</summary>
    public static long? NextData(SafeHandle file, long offset) => lseek(file, offset, SeekData) is var data and >= 0 ? data : null;

    /// <summary>Becomes another user for good, in every thread.</summary>
    public static void BecomeUser(uint id)
    {
        if (setgid(id) != 0 || setuid(id) != 0)
        {
            throw new Win32Exception();
        }
    }

    public static void SetUmask(uint mask) => _ = umask(mask);

    /// <summary>Ends the process as a crash does: no handle is closed by its owner, no buffer flushed.</summary>
    public static void ExitNow(int status) => _exit(status);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeHandle file, int command, ref FileLock argument);

    [LibraryImport("libc")]
    private static partial long lseek(SafeHandle file, long offset, int whence);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setuid(uint id);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setgid(uint id);

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);

    [LibraryImport("libc")]
    private static partial void _exit(int status);

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }

    /// <summary>What tests need of struct statx, which is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileStatus
    {
        [FieldOffset(20)]
        public uint UserId;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;
    }
}
