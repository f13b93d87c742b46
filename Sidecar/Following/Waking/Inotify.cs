using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Following.Waking;

/// <summary>The kernel calls behind <see cref="FileWatch"/> (inotify(7), eventfd(2), poll(2)). Watching a path opens no descriptor on it, so SQLite's locks stay.</summary>
internal static unsafe partial class Inotify
{
    /// <summary>struct inotify_event: wd 4, mask 4, cookie 4, length of the name 4; the name follows.</summary>
    public const int EventHeaderSize = 16;

    public const uint Modify = 0x2;
    public const uint Attributes = 0x4;
    public const uint CloseWrite = 0x8;
    public const uint MovedFrom = 0x40;
    public const uint MovedTo = 0x80;
    public const uint Create = 0x100;
    public const uint Delete = 0x200;
    public const uint DeleteSelf = 0x400;
    public const uint MoveSelf = 0x800;
    public const uint OneShot = 0x8000_0000;

    /// <summary>Set by the kernel: its queue was full, and events are lost.</summary>
    public const uint Overflow = 0x4000;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const short PollIn = 1;

    /// <returns>An invalid handle if there are no more instances for this user (fs.inotify.max_user_instances).</returns>
    public static SafeFileHandle Open() => new(Init(CloseOnExec | NonBlocking), ownsHandle: true);

    /// <returns>The watch, or -1 with the last error set.</returns>
    public static int Watch(SafeFileHandle instance, string path, uint mask) => AddWatch(instance, path, mask);

    public static SafeFileHandle OpenEvent() => new(EventFd(0, CloseOnExec | NonBlocking), ownsHandle: true);

    public static void Raise(SafeFileHandle raised)
    {
        ulong one = 1;
        _ = Write(raised, &one, sizeof(ulong));
    }

    /// <summary>Sleeps until events can be read. Returns false if <paramref name="stop"/> was raised.</summary>
    public static bool WaitForEvents(SafeFileHandle instance, SafeFileHandle stop)
    {
        var entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { File = (int)instance.DangerousGetHandle(), Events = PollIn };
        entries[1] = new PollEntry { File = (int)stop.DangerousGetHandle(), Events = PollIn };
        _ = Poll(entries, 2, -1);
        return entries[1].Returned == 0;
    }

    /// <returns>Bytes read; 0 or less if there is nothing.</returns>
    public static nint ReadEvents(SafeFileHandle instance, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            return Read(instance, bytes, buffer.Length);
        }
    }

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Init(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(SafeFileHandle instance, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle file, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, void* buffer, nint count);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
