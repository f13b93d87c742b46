using System.Runtime.InteropServices;
using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>Device and inode of a file: what stays when it is renamed and changes when it is replaced.</summary>
/// <param name="Device">Major number in the upper half, minor in the lower.</param>
/// <param name="Inode">Unique on its device.</param>
/// <param name="LengthBytes">When it was looked at.</param>
/// <param name="IsRegularFile">Not a directory or device.</param>
/// <param name="LinkCount">Names that the file has, in whatever directories.</param>
/// <param name="IsMountedAlone">The path is a mount of this one file: what others have beside it is not beside it here.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, long LengthBytes, bool IsRegularFile, uint LinkCount, bool IsMountedAlone)
{
    public bool IsSameFileAs(FileIdentity other) => Device == other.Device && Inode == other.Inode;

    /// <returns>False if nothing is there.</returns>
    /// <exception cref="OperatorException">The path cannot be looked at.</exception>
    public static bool TryGet(string path, out FileIdentity identity)
    {
        identity = default;
        var error = NativeFile.Stat(path, out var stat);
        if (error is NativeFile.NoSuchEntry or NativeFile.NotADirectory)
        {
            return false;
        }

        if (error != 0)
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"{path} cannot be looked at: {Marshal.GetPInvokeErrorMessage(error)}.",
                "The sidecar needs permission to search every directory on the way; run it under the app's uid or a common group.");
        }

        identity = new FileIdentity(((ulong)stat.DeviceMajor << 32) | stat.DeviceMinor, stat.Inode, (long)stat.Size, stat.IsRegularFile, stat.LinkCount, stat.IsMountRoot);
        return true;
    }
}
