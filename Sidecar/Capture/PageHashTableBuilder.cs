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

    public static PageHashTableBuilder Create(string path) =>
        new(path, File.OpenHandle(path + TemporarySuffix, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    public void Write(uint firstPage, ReadOnlySpan<PageHash> hashes) =>
        RandomAccess.Write(_file, MemoryMarshal.AsBytes(hashes), PageHashTable.OffsetOf(firstPage));

    /// <summary>Makes this the table of its path. A crash before leaves the old one, which then describes an older position and is not used.</summary>
    /// <remarks>Not flushed: a table that a power loss tears is found torn and rebuilt from the repository.</remarks>
    public void Commit(PageHashTableHeader header)
    {
        RandomAccess.SetLength(_file, PageHashTable.OffsetOf(header.Shape.PageCount + 1));
        RandomAccess.Write(_file, header.ToBytes(), 0);
        File.Move(_path + TemporarySuffix, _path, overwrite: true);
        _committed = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!_committed)
        {
            File.Delete(_path + TemporarySuffix);
        }
    }
}
