using System.Runtime.InteropServices;
using BackupSidecar.Source;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore.Swap;

/// <summary>What the system says of a file, asked without opening it: opening and closing a database drops the locks that this process holds on it.</summary>
internal readonly record struct FileFacts(ulong Device, ulong Inode, uint Links, uint User, uint Group, uint Mode, long Size)
{
    private const uint BasicFacts = 0x7ff;
    private const uint KindMask = 0xf000;
    private const uint KindRegular = 0x8000;
    private const uint KindDirectory = 0x4000;
    private const uint KindSymbolicLink = 0xa000;
    private const uint PermissionMask = 0xfff;

    public bool IsRegularFile => (Mode & KindMask) == KindRegular;

    public bool IsDirectory => (Mode & KindMask) == KindDirectory;

    public bool IsSymbolicLink => (Mode & KindMask) == KindSymbolicLink;

    /// <summary>Permission bits, set-user-id and the like included.</summary>
    public uint Permissions => Mode & PermissionMask;

    public bool IsSameFileAs(FileFacts other) => Device == other.Device && Inode == other.Inode;

    /// <summary>Facts of the name itself, links not followed; null where there is no such name, or none so long can exist.</summary>
    public static FileFacts? Of(string path)
    {
        if (Posix.Statx(Posix.AtCurrentDirectory, path, Posix.AtSymlinkNoFollow, BasicFacts, out var buffer) == 0)
        {
            return From(buffer);
        }

        var error = Marshal.GetLastPInvokeError();
        return error is Posix.ErrorNoEntry or Posix.ErrorNameTooLong
            ? null
            : throw (error == Posix.ErrorAccess ? AccessRefusal.Find(path) : null) ?? SwapFailure.OfSystem("Cannot look at the file", path, error);
    }

    /// <summary>Facts of what a path leads to through links, as a descriptor under /proc does; null where that cannot be told.</summary>
    public static FileFacts? OfLinked(string path) =>
        Posix.Statx(Posix.AtCurrentDirectory, path, 0, BasicFacts, out var buffer) == 0 ? From(buffer) : null;

    public static FileFacts Of(SafeFileHandle file, string path) =>
        Posix.StatxOfHandle(file, string.Empty, Posix.AtEmptyPath, BasicFacts, out var buffer) == 0
            ? From(buffer)
            : throw SwapFailure.OfLastCall("Cannot look at the open file", path);

    private static FileFacts From(Posix.StatxBuffer buffer) =>
        new(((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor, buffer.Inode, buffer.Links, buffer.User, buffer.Group, buffer.Mode, (long)buffer.Size);
}
