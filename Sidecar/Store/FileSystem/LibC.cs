using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Store.FileSystem;

/// <summary>The calls of the C library that the base library does not offer, or offers with side effects.</summary>
/// <remarks>Files are opened here and not by <see cref="File"/>, which takes an flock of its own on every file that it opens. Only flags that are equal on x64 and arm64 are used.</remarks>
internal static partial class LibC
{
    public const int OpenReadOnly = 0;
    public const int OpenWriteOnly = 1;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenExclusive = 0x80;

    /// <summary>Opening a pipe that somebody left in a repository must not wait for its writer.</summary>
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;

    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int LockRelease = 8;

    /// <summary>struct statx of linux/stat.h, the same on every architecture.</summary>
    private const int StatxSize = 256;
    private const int StatxOwnerAt = 20;
    private const int StatxInodeAt = 32;
    private const int StatxDeviceMajorAt = 136;
    private const int StatxDeviceMinorAt = 140;
    private const uint StatxOwner = 0x8;
    private const uint StatxInode = 0x100;
    private const int StatEmptyPath = 0x1000;

    public const int CurrentDirectory = -100;
    public const uint RenameNoReplace = 1;
    public const uint SyncFileRangeWaitBefore = 1;
    public const uint SyncFileRangeWrite = 2;

    /// <summary>Backup data is as secret as the database: nobody but the owner reads it.</summary>
    public const uint FileMode = 0x180; // 0600
    public const uint DirectoryMode = 0x1C0; // 0700

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkFile(string path);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string existing, string added);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int sourceDirectory, string source, int targetDirectory, string target, uint flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFile(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int directory, string path, int flags, uint mask, Span<byte> buffer);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint UserId();

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockFile(SafeFileHandle file, int operation);

    /// <summary>Opens with close-on-exec. The result is 0 or an error number, as of every call below.</summary>
    public static int Open(string path, int flags, out SafeFileHandle file)
    {
        int descriptor;
        int error;
        do
        {
            descriptor = OpenFile(path, flags | OpenCloseOnExec, FileMode);
            error = descriptor >= 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        while (error == Errno.Interrupted);

        file = new SafeFileHandle(descriptor, ownsHandle: true);
        return error;
    }

    public static int MakeDirectory(string path) => ErrorOf(MakeDirectory(path, DirectoryMode));

    public static int Unlink(string path) => ErrorOf(UnlinkFile(path));

    public static int Link(string existing, string added) => ErrorOf(LinkFile(existing, added));

    /// <summary>Renames in one step, and fails with <see cref="Errno.Exists"/> if the new name is taken.</summary>
    public static int RenameWithoutReplacing(string source, string target) =>
        ErrorOf(RenameAt(CurrentDirectory, source, CurrentDirectory, target, RenameNoReplace));

    public static int Sync(SafeFileHandle file) => ErrorOf(SyncFile(file));

    /// <summary>Starts writing a range of dirty pages to the disk without waiting. It proves nothing: only <see cref="Sync"/> does.</summary>
    public static int StartWriteBack(SafeFileHandle file, long offset, long length) =>
        ErrorOf(SyncRange(file, offset, length, SyncFileRangeWrite));

    /// <summary>Waits until what was being written of a range is on the disk. An error of the disk is told here, and not to the next <see cref="Sync"/> again.</summary>
    public static int WaitForWriteBack(SafeFileHandle file, long offset, long length) =>
        ErrorOf(SyncRange(file, offset, length, SyncFileRangeWaitBefore));

    /// <summary>Takes the lock that belongs to this open file, or fails with <see cref="Errno.WouldBlock"/>. It ends with the last copy of the descriptor.</summary>
    public static int TryLock(SafeFileHandle file) => ErrorOf(LockFile(file, LockExclusive | LockNonBlocking));

    /// <summary>Ends the lock at once. Closing alone does not while another thread starts a process: until that one runs its own program it shares the open file.</summary>
    public static int Unlock(SafeFileHandle file) => ErrorOf(LockFile(file, LockRelease));

    /// <summary>Which file this is: device and inode, whatever it is called by now.</summary>
    public static (uint Major, uint Minor, ulong Inode)? Identify(SafeFileHandle file) => Identify((int)file.DangerousGetHandle(), "", StatEmptyPath);

    /// <summary>Which file has this name now; null if none has, or it cannot be told.</summary>
    public static (uint Major, uint Minor, ulong Inode)? Identify(string path) => Identify(CurrentDirectory, path, flags: 0);

    private static (uint Major, uint Minor, ulong Inode)? Identify(int directory, string path, int flags)
    {
        Span<byte> stat = stackalloc byte[StatxSize];
        return Stat(directory, path, flags, StatxInode, stat) != 0 ? null : (
            MemoryMarshal.Read<uint>(stat[StatxDeviceMajorAt..]), MemoryMarshal.Read<uint>(stat[StatxDeviceMinorAt..]), MemoryMarshal.Read<ulong>(stat[StatxInodeAt..]));
    }

    /// <summary>The user that the file of this name belongs to; null if there is none, or it cannot be told.</summary>
    public static uint? OwnerOf(string path)
    {
        Span<byte> stat = stackalloc byte[StatxSize];
        return Stat(CurrentDirectory, path, flags: 0, StatxOwner, stat) != 0 ? null : MemoryMarshal.Read<uint>(stat[StatxOwnerAt..]);
    }

    private static int ErrorOf(int result) => result == 0 ? 0 : Marshal.GetLastPInvokeError();
}
