using System.Globalization;

namespace BackupSidecar.Source;

/// <summary>Asks the kernel whether another process has a database open in WAL mode: each that has holds the shared DMS lock on its -shm (os_unix.c).</summary>
/// <remarks>
/// A process never sees its own locks this way. While a connection of ours is open, the question goes through SQLite's own descriptor of the
/// -shm, found among those of this process: opening another one and closing it would drop all our locks. It answers across containers.
/// </remarks>
internal sealed class AttachmentProbe
{
    private const string OwnDescriptors = "/proc/self/fd";

    private readonly FileIdentity _shm;
    private int _descriptor;

    private AttachmentProbe(FileIdentity shm, int descriptor)
    {
        _shm = shm;
        _descriptor = descriptor;
    }

    /// <summary>While no connection of this process is open on the database.</summary>
    public static bool IsAnyAttached(SourceFile source) => NativeLock.IsDeadManSwitchHeld(source.Path + SourceFile.ShmSuffix);

    /// <summary>While a connection of this process has the log open.</summary>
    /// <returns>Null if SQLite has no -shm open under this path.</returns>
    public static AttachmentProbe? TryOpen(SourceFile source) =>
        FileIdentity.TryGet(source.Path + SourceFile.ShmSuffix, out var shm) && TryFind(shm) is { } descriptor ? new AttachmentProbe(shm, descriptor) : null;

    public bool IsAnotherAttached() => NativeLock.IsDeadManSwitchHeld(Descriptor());

    /// <summary>True while another process copies the log into the database, or waits for readers in order to start it anew.</summary>
    public bool IsAnotherCheckpointing() => NativeLock.IsCheckpointLockHeld(Descriptor());

    public bool IsAnotherWriting() => NativeLock.IsWriteLockHeld(Descriptor());

    /// <summary>As <see cref="NativeLock.FindHolderOfReadMark"/>.</summary>
    public int? FindHolderOfReadMark(int mark) => NativeLock.FindHolderOfReadMark(Descriptor(), mark);

    private int Descriptor()
    {
        if (!IsStillOpen(_descriptor, _shm))
        {
            // Another connection of this process had it, and has closed.
            _descriptor = TryFind(_shm) ?? throw new ImageChangedException("the index of the log is no longer open");
        }

        return _descriptor;
    }

    private static int? TryFind(FileIdentity shm)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(OwnDescriptors))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor) && IsStillOpen(descriptor, shm))
            {
                return descriptor;
            }
        }

        return null;
    }

    /// <summary>Follows the link of the descriptor without opening anything.</summary>
    private static bool IsStillOpen(int descriptor, FileIdentity shm) =>
        FileIdentity.TryGet(string.Create(CultureInfo.InvariantCulture, $"{OwnDescriptors}/{descriptor}"), out var found) && found.IsSameFileAs(shm);
}
