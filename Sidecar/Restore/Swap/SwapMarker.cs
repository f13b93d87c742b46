using System.Runtime.InteropServices;
using BackupSidecar.Primitives;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore.Swap;

/// <summary>The marker <c>&lt;db&gt;.restore-pending</c>: the journal of a swap, and by its lock the proof that the process that wrote it is alive.</summary>
internal sealed class SwapMarker : IDisposable
{
    /// <summary>A marker is below 1 KiB; names are at most 255 bytes.</summary>
    private const int SizeMax = 16 * 1024;

    private const uint ReadableByAll = 0x1a4;

    private readonly SafeFileHandle _file;

    private SwapMarker(SwapPaths paths, SafeFileHandle file, SwapJournal journal)
    {
        Paths = paths;
        _file = file;
        Journal = journal;
    }

    public SwapPaths Paths { get; }

    public SwapJournal Journal { get; }

    /// <summary>Makes the intent durable under its name. Fails where there is a marker already.</summary>
    public static SwapMarker Publish(SwapPaths paths, SwapJournal journal, Action<SwapStep> reached)
    {
        var file = Posix.OpenHandle(paths.MarkerTemporary, Posix.OpenReadWrite | Posix.OpenCreateNew, ReadableByAll);
        if (file.IsInvalid)
        {
            throw Marshal.GetLastPInvokeError() == Posix.ErrorExists
                ? InUseByAnother(paths)
                : SwapFailure.OfLastCall("Cannot begin the swap: the marker cannot be created", paths.MarkerTemporary);
        }

        var marker = new SwapMarker(paths, file, journal);
        var isPublished = false;
        var isDurable = false;
        try
        {
            Write(file, paths, journal);
            reached(SwapStep.MarkerWritten);
            if (!FileNames.TryRenameToNew(paths.MarkerTemporary, paths.Marker))
            {
                throw InUseByAnother(paths);
            }

            isPublished = true;
            FileNames.SyncDirectory(paths.Directory);
            isDurable = true;
            return marker;
        }
        catch (OperatorException)
        {
            FileNames.Remove(isPublished ? paths.Marker : paths.MarkerTemporary);
            throw;
        }
        finally
        {
            if (!isDurable)
            {
                marker.Dispose();
            }
        }
    }

    /// <summary>The marker that a dead process left, locked against others; null where there is none.</summary>
    /// <exception cref="OperatorException">The process that wrote it lives, or it is not a whole marker.</exception>
    public static SwapMarker? TryOpen(SwapPaths paths)
    {
        if (FileFacts.Of(paths.Marker) is null)
        {
            return null;
        }

        var file = Lock(paths, paths.Marker);
        if (file is null)
        {
            return null;
        }

        try
        {
            return new SwapMarker(paths, file, Read(file, paths));
        }
        catch (OperatorException)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Removes what a process left that died before its marker was in place. True if there was something.</summary>
    public static bool SweepTemporary(SwapPaths paths)
    {
        if (FileFacts.Of(paths.MarkerTemporary) is null)
        {
            return false;
        }

        using var file = Lock(paths, paths.MarkerTemporary);
        FileNames.Remove(paths.MarkerTemporary);
        return file is not null;
    }

    /// <summary>The swap has ended, one way or the other.</summary>
    public void Remove()
    {
        FileNames.Remove(Paths.Marker);
        FileNames.SyncDirectory(Paths.Directory);
    }

    public void Dispose() => _file.Dispose();

    private static void Write(SafeFileHandle file, SwapPaths paths, SwapJournal journal)
    {
        if (!FileLock.TryTake(file, paths.MarkerTemporary, start: 0, length: 1))
        {
            throw InUseByAnother(paths);
        }

        try
        {
            RandomAccess.Write(file, journal.ToBytes(), fileOffset: 0);
        }
        catch (IOException e)
        {
            throw new OperatorException(FailureKind.Failed, $"Cannot write the marker '{paths.MarkerTemporary}': {e.Message}", "Free some space on the volume of the database. Nothing was changed.", e);
        }

        if (Posix.Fsync(file) != 0)
        {
            throw SwapFailure.OfLastCall("Cannot sync the marker", paths.MarkerTemporary);
        }
    }

    /// <summary>Null where the file is gone, or its name belongs to another one by now.</summary>
    private static SafeFileHandle? Lock(SwapPaths paths, string path)
    {
        var file = Posix.OpenHandle(path, Posix.OpenReadWrite, mode: 0);
        if (file.IsInvalid)
        {
            return FileFacts.Of(path) is null ? null : throw SwapFailure.OfLastCall("Cannot open the marker of a restore", path);
        }

        var locked = false;
        try
        {
            if (!FileLock.TryTake(file, path, start: 0, length: 1))
            {
                throw InUseByAnother(paths);
            }

            locked = FileFacts.Of(path) is { } named && named.IsSameFileAs(FileFacts.Of(file, path));
            return locked ? file : null;
        }
        finally
        {
            if (!locked)
            {
                file.Dispose();
            }
        }
    }

    private static SwapJournal Read(SafeFileHandle file, SwapPaths paths)
    {
        var buffer = new byte[SizeMax];
        var length = RandomAccess.Read(file, buffer, fileOffset: 0);
        if (!SwapJournal.TryParse(buffer.AsSpan(0, length), out var journal)
            || (journal!.IsKnown && !journal.NamesOnlyItsOwnFiles(paths)))
        {
            throw new OperatorException(
                FailureKind.UnsafeEnvironment,
                $"'{paths.Marker}' should tell how far a restore of this database came, but it is damaged or was not written by this program.",
                $"Nothing was changed. Look at '{paths.Database}' and at the files named '{Path.GetFileName(paths.Database)}.before-…' beside it, keep the right one under the name, then remove the marker.");
        }

        return journal!.IsKnown
            ? journal
            : throw new OperatorException(
                FailureKind.UnsafeEnvironment,
                $"'{paths.Marker}' was written by another version of this program (format {journal.Version}).",
                "Run the version that began the restore; it finishes or undoes it.");
    }

    private static OperatorException InUseByAnother(SwapPaths paths) =>
        new(FailureKind.Locked, $"Another restore of '{paths.Database}' is under way.", "Wait until it has ended; if its process was killed, run the command again.");
}
