using System.Runtime.InteropServices;

namespace BackupSidecar.Testing;

/// <summary>A second view of a directory or of a single file, as containers get them. Disposing removes it.</summary>
internal sealed partial class BindMount : IDisposable
{
    private const ulong Bind = 0x1000;
    private const ulong Remount = 0x20;
    private const ulong ReadOnly = 0x1;
    private const int Detach = 2;

    private BindMount(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null where this process may not mount: without privileges, or in a locked-down container.</summary>
    public static BindMount? TryCreate(string source, string target, bool readOnly)
    {
        if (Directory.Exists(source))
        {
            Directory.CreateDirectory(target);
        }
        else
        {
            File.WriteAllBytes(target, []);
        }

        if (mount(source, target, "none", Bind, 0) != 0)
        {
            return null;
        }

        var mounted = new BindMount(target);
        if (!readOnly || mount("none", target, "none", Bind | Remount | ReadOnly, 0) == 0)
        {
            return mounted;
        }

        mounted.Dispose();
        return null;
    }

    public void Dispose() => _ = umount2(Path, Detach);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, ulong flags, nint data);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
