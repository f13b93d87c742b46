using System.Globalization;
using System.Runtime.InteropServices;

namespace BackupSidecar.Testing;

/// <summary>A small file system in memory, to run out of space on. Disposing removes it with all that is in it.</summary>
internal sealed partial class SizeLimitedMount : IDisposable
{
    private const ulong Remount = 0x20;
    private const int Detach = 2;

    private SizeLimitedMount(string directory) => Directory = directory;

    public string Directory { get; }

    /// <summary>Null where this process may not mount: without privileges, or in a locked-down container.</summary>
    public static SizeLimitedMount? TryCreate(string target, long sizeBytes)
    {
        System.IO.Directory.CreateDirectory(target);
        return Mount(target, flags: 0, sizeBytes) == 0 ? new SizeLimitedMount(target) : null;
    }

    public void Resize(long sizeBytes)
    {
        if (Mount(Directory, Remount, sizeBytes) != 0)
        {
            throw new InvalidOperationException($"{Directory} cannot be given {sizeBytes} bytes: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    public void Dispose() => _ = umount2(Directory, Detach);

    private static int Mount(string target, ulong flags, long sizeBytes) =>
        mount("tmpfs", target, "tmpfs", flags, string.Create(CultureInfo.InvariantCulture, $"size={sizeBytes}"));

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
