using System.Globalization;
using System.Runtime.InteropServices;

namespace BackupSidecar.Primitives;

/// <summary>Who this process runs as.</summary>
internal static partial class ProcessUser
{
    /// <summary>The name; in a container that knows no name for it, the uid.</summary>
    public static string Name => Environment.UserName is { Length: > 0 } name ? name : Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>The uid that files are opened as.</summary>
    public static uint Id => UserId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint UserId();
}
