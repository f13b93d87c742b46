using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace BackupSidecar.Client;

/// <summary>An address as the sidecar's command line writes it.</summary>
internal static class SidecarAddress
{
    /// <summary>What the kernel allows, without the zero at the end.</summary>
    private const int PathBytesMax = 107;

    private const string UnixScheme = "unix:";

    /// <summary>unix:PATH and unix:///PATH are the same, as for every gRPC client.</summary>
    public static bool TryParse(string address, [NotNullWhen(true)] out string? path)
    {
        path = address.StartsWith(UnixScheme, StringComparison.Ordinal) ? address[UnixScheme.Length..] : "";
        path = path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path;
        path = path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) ? null : Path.GetFullPath(path);
        return path is not null && Encoding.UTF8.GetByteCount(path) <= PathBytesMax;
    }
}
