using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Which file is under a name, how long it is and when it was written last; all zero if there is none.</summary>
internal readonly record struct FileTrace(ulong Device, ulong Inode, long LengthBytes, long ModifiedTicks)
{
    public static FileTrace Of(string path) => FileIdentity.TryGet(path, out var identity)
        ? new FileTrace(identity.Device, identity.Inode, identity.LengthBytes, new FileInfo(path).LastWriteTimeUtc.Ticks)
        : default;
}
