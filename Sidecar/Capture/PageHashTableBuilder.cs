using System.Runtime.InteropServices;
using BackupSidecar.Primitives;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Capture;

/// <summary>Writes a new page-hash table beside the current one, and puts it in its place when the position that it describes is safe.</summary>
internal sealed class PageHashTableBuilder : IDisposable
{
    private const string TemporarySuffix = ".new";

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private bool _committed;

    private PageHashTableBuilder(string path, SafeFileHandle file)
    {
        _path = path;
        _file = file;
    }

    /// <exception cref="LocalStateException">As of every method here: no space, no permission, a failing disk.</exception>
    public static PageHashTableBuilder Create(string path)
    {
        try
        {
            return new PageHashTableBuilder(path, File.OpenHandle(path + TemporarySuffix, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(path, "created", e);
        }
    }

    public void Write(uint firstPage, ReadOnlySpan<PageHash> hashes)
    {
        try
        {
            RandomAccess.Write(_file, MemoryMarshal.AsBytes(hashes), PageHashTable.OffsetOf(firstPage));
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(_path, "written", e);
        }
    }

    /// <summary>Makes this the table of its path. A crash before leaves the old one, which then describes an older position and is not used.</summary>
    /// <remarks>Not flushed: a table that a power loss tears is found torn and rebuilt from the repository.</remarks>
    public void Commit(PageHashTableHeader header)
    {
        try
        {
            RandomAccess.SetLength(_file, PageHashTable.OffsetOf(header.Shape.PageCount + 1));
            RandomAccess.Write(_file, header.ToBytes(), 0);
            File.Move(_path + TemporarySuffix, _path, overwrite: true);
            _committed = true;
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(_path, "written", e);
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!_committed)
        {
            RemoveTemporary();
        }
    }

    private void RemoveTemporary()
    {
        try
        {
            File.Delete(_path + TemporarySuffix);
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            // It costs space and nothing else; the next builder overwrites it.
        }
    }
}
