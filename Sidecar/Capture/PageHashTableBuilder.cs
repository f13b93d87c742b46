using System.Runtime.InteropServices;
using BackupSidecar.Primitives;

namespace BackupSidecar.Capture;

/// <summary>Writes a new page-hash table beside the current one, and puts it in its place when the position that it describes is safe.</summary>
internal sealed class PageHashTableBuilder : IDisposable
{
    private const string TemporarySuffix = ".new";

    private readonly string _path;
    private readonly StateFile _file;
    private PageHashSums _sums;
    private bool _committed;

    private PageHashTableBuilder(string path, StateFile file)
    {
        _path = path;
        _file = file;
    }

    /// <exception cref="LocalStateException">As of every method here: no space, no permission, a failing disk.</exception>
    public static PageHashTableBuilder Create(string path) => new(path, StateFile.Create(path + TemporarySuffix));

    /// <summary>In any order, but every page once.</summary>
    public void Write(uint firstPage, ReadOnlySpan<PageHash> hashes)
    {
        _file.Write(MemoryMarshal.AsBytes(hashes), PageHashTable.OffsetOf(firstPage));
        _sums = _sums.Add(firstPage, hashes);
    }

    /// <summary>Makes this the table of its path. A crash before leaves the old one, which then describes an older position.</summary>
    /// <param name="state">The position.</param>
    /// <param name="shape">Of the database there.</param>
    /// <param name="fingerprint">What the hashes are to add up to: if they do not, the table is not whole and nobody opens it.</param>
    /// <remarks>Not flushed: a table that a power loss tears is found torn and rebuilt from the repository.</remarks>
    public void Commit(CaptureState state, DatabaseShape shape, Fingerprint fingerprint)
    {
        Span<byte> header = stackalloc byte[PageHashTableHeader.Size];
        new PageHashTableHeader(state, shape, fingerprint, _sums.Ordered).Write(header);
        _file.SetLength(PageHashTable.OffsetOf((ulong)shape.PageCount + 1));
        _file.Write(header, 0);
        try
        {
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
