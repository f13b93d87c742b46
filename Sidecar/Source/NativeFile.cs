using System.Runtime.InteropServices;

namespace BackupSidecar.Source;

/// <summary>The few calls about paths that .NET does not offer. None of them opens a file.</summary>
internal static unsafe partial class NativeFile
{
    public const int NoSuchEntry = 2;
    public const int NotADirectory = 20;

    private const int CurrentDirectory = -100;
    private const uint BasicStats = 0x7ff;
    private const int ReadAccess = 4;
    private const int WriteAccess = 2;
    private const int SearchAccess = 1;
    private const int EffectiveUser = 0x200;

    /// <returns>0, or the error number.</returns>
    public static int Stat(string path, out StatxBuffer stat)
    {
        StatxBuffer buffer = default;
        var result = Statx(CurrentDirectory, path, flags: 0, BasicStats, &buffer);
        stat = buffer;
        return result == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    public static string? RealPath(string path)
    {
        var resolved = RealPath(path, null);
        if (resolved == null)
        {
            return null;
        }

        var text = Marshal.PtrToStringUTF8((nint)resolved);
        NativeMemory.Free(resolved);
        return text;
    }

    /// <returns>The file system's magic number (statfs(2)), or null.</returns>
    public static long? FileSystemMagic(string path)
    {
        var buffer = stackalloc long[64];
        return StatFs(path, buffer) == 0 ? buffer[0] : null;
    }

    /// <summary>By the kernel's own answer, which knows of capabilities and access lists.</summary>
    public static bool IsReadable(string path) => MayAccess(CurrentDirectory, path, ReadAccess, EffectiveUser) == 0;

    public static bool IsWritable(string path) => MayAccess(CurrentDirectory, path, WriteAccess, EffectiveUser) == 0;

    /// <summary>Whether what is in a directory may be reached.</summary>
    public static bool IsSearchable(string directory) => MayAccess(CurrentDirectory, directory, SearchAccess, EffectiveUser) == 0;

    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint GroupId();

    [LibraryImport("libc", EntryPoint = "faccessat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MayAccess(int directory, string path, int mode, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* RealPath(string path, byte* resolved);

    [LibraryImport("libc", EntryPoint = "statfs", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFs(string path, long* buffer);

    /// <summary>struct statx of linux/stat.h: the same on every architecture, 256 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct StatxBuffer
    {
        private const ushort TypeMask = 0xF000;
        private const ushort RegularFile = 0x8000;
        private const ushort SocketFile = 0xC000;
        private const ushort PermissionMask = 0xFFF;
        private const ulong MountRoot = 0x2000;

        [FieldOffset(8)]
        private readonly ulong _attributes;

        [FieldOffset(16)]
        private readonly uint _linkCount;

        [FieldOffset(20)]
        private readonly uint _owner;

        [FieldOffset(24)]
        private readonly uint _group;

        [FieldOffset(28)]
        private readonly ushort _mode;

        [FieldOffset(32)]
        private readonly ulong _inode;

        [FieldOffset(40)]
        private readonly ulong _size;

        [FieldOffset(136)]
        private readonly uint _deviceMajor;

        [FieldOffset(140)]
        private readonly uint _deviceMinor;

        public readonly bool IsRegularFile => (_mode & TypeMask) == RegularFile;

        public readonly bool IsSocket => (_mode & TypeMask) == SocketFile;

        /// <summary>Linux 5.8 and later; false before.</summary>
        public readonly bool IsMountRoot => (_attributes & MountRoot) != 0;

        public readonly uint LinkCount => _linkCount;

        public readonly uint Owner => _owner;

        public readonly uint Group => _group;

        /// <summary>Permissions, as chmod(1) writes them.</summary>
        public readonly string Permissions => Convert.ToString(_mode & PermissionMask, 8);

        public readonly ulong Inode => _inode;

        public readonly ulong Size => _size;

        public readonly uint DeviceMajor => _deviceMajor;

        public readonly uint DeviceMinor => _deviceMinor;
    }
}
