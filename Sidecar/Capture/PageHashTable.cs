using System.Runtime.InteropServices;
using BackupSidecar.Primitives;

namespace BackupSidecar.Capture;

/// <summary>The hash of every page at one position: a header and 16 bytes a page, in a file of our own that is updated in place.</summary>
/// <remarks>
/// It proves itself: its header states two sums of its hashes, which are added up again when it is opened, so that a torn table is found, not
/// believed. An update writes the changed hashes, then the header: who is killed in between leaves a table that does not add up.
/// Not flushed: a table that a power loss tears is found torn and rebuilt from the repository. One owner; reading is safe in parallel.
/// </remarks>
internal sealed class PageHashTable : IDisposable
{
    private const int ReadSizeBytes = 1 << 18;

    private readonly StateFile _file;
    private bool _isTorn;

    private PageHashTable(StateFile file, PageHashTableHeader header)
    {
        _file = file;
        Header = header;
    }

    public PageHashTableHeader Header { get; private set; }

    public CaptureState State => Header.State;

    public DatabaseShape Shape => Header.Shape;

    public Fingerprint Fingerprint => Header.Fingerprint;

    /// <returns>Null if there is no table, or none that is whole and can be read: then it is rebuilt, and writing it says what is wrong.</returns>
    public static PageHashTable? TryOpen(string path)
    {
        try
        {
            return TryOpen(StateFile.Open(path));
        }
        catch (LocalStateException)
        {
            return null;
        }
    }

    /// <param name="file">Owned from here on.</param>
    internal static PageHashTable? TryOpen(StateFile file)
    {
        PageHashTable? table = null;
        try
        {
            if (TryReadHeader(file) is { } header
                && file.Length == OffsetOf((ulong)header.Shape.PageCount + 1)
                && SumsOf(file, new PageRun(1, header.Shape.PageCount)) == header.Sums)
            {
                table = new PageHashTable(file, header);
            }

            return table;
        }
        finally
        {
            if (table is null)
            {
                file.Dispose();
            }
        }
    }

    /// <summary>The header of a table that need not be whole: it tells whose interrupted update it was.</summary>
    /// <returns>Null if the header itself is not whole.</returns>
    public static PageHashTableHeader? TryReadHeader(string path)
    {
        try
        {
            using var file = StateFile.Open(path);
            return TryReadHeader(file);
        }
        catch (LocalStateException)
        {
            return null;
        }
    }

    /// <summary>The zero hash for a page past the end, and for the lock-byte page.</summary>
    public PageHash ReadOne(uint page)
    {
        PageHash hash = default;
        Read(page, MemoryMarshal.CreateSpan(ref hash, 1));
        return hash;
    }

    /// <summary>Reads the hashes of consecutive pages; pages past the end of the table come out as the zero hash.</summary>
    /// <exception cref="LocalStateException">The file cannot be read any more.</exception>
    public void Read(uint firstPage, Span<PageHash> hashes)
    {
        var known = firstPage > Shape.PageCount ? 0 : (int)Math.Min((uint)hashes.Length, Shape.PageCount - firstPage + 1);
        if (known > 0)
        {
            _file.Read(MemoryMarshal.AsBytes(hashes[..known]), OffsetOf(firstPage));
        }

        hashes[known..].Clear();
    }

    /// <summary>Computes what the table will be, from the old hashes of the changed pages. Writes nothing.</summary>
    /// <param name="changes">The new hashes; of a database that grew, of every new page.</param>
    /// <param name="shape">Of the database after the changes. The page size is the same.</param>
    /// <exception cref="LocalStateException">The file cannot be read.</exception>
    public PageHashUpdate Prepare(PageHashChanges changes, DatabaseShape shape)
    {
        EnsureFits(changes, shape);
        var sums = Header.Sums;
        var old = new PageHash[Math.Min(ReadSizeBytes / PageHash.Size, changes.Hashes.Length)];
        var at = 0;
        foreach (var run in changes.Runs)
        {
            for (ulong page = run.First; page < run.End;)
            {
                var some = old.AsSpan(0, (int)Math.Min((ulong)old.Length, run.End - page));
                Read((uint)page, some);
                sums = sums.Subtract((uint)page, some).Add((uint)page, changes.Hashes.Slice(at, some.Length));
                (page, at) = (page + (ulong)some.Length, at + some.Length);
            }
        }

        if (shape.PageCount < Shape.PageCount)
        {
            var dropped = SumsOf(_file, new PageRun(shape.PageCount + 1, Shape.PageCount - shape.PageCount));
            sums = unchecked(new PageHashSums(sums.Plain - dropped.Plain, sums.Ordered - dropped.Ordered));
        }

        return new PageHashUpdate(changes, shape, Header.Sums, sums);
    }

    /// <summary>Writes the changed hashes, then the header.</summary>
    /// <param name="update">Prepared from the table as it is now.</param>
    /// <param name="state">The position that the changes lead to; its pack is published.</param>
    /// <exception cref="LocalStateException">No space, a failing disk. The table is torn then: dispose it, and read a new baseline.</exception>
    public void Commit(PageHashUpdate update, CaptureState state)
    {
        if (update.Before != Header.Sums)
        {
            throw new InvalidOperationException("The update was prepared from another state of the table.");
        }

        EnsureWhole();
        _isTorn = true;
        WriteHashes(update);
        WriteHeader(new PageHashTableHeader(state, update.Shape, update.Fingerprint, update.After.Ordered));
        _isTorn = false;
    }

    /// <summary>Keeps the hashes and writes the header: no page changed, but what is known of the file did.</summary>
    /// <exception cref="LocalStateException">As of the other commit.</exception>
    public void Commit(CaptureState state)
    {
        EnsureWhole();
        _isTorn = true;
        WriteHeader(Header with { State = state });
        _isTorn = false;
    }

    public void Dispose() => _file.Dispose();

    internal static long OffsetOf(ulong page) => PageHashTableHeader.Size + ((long)(page - 1) * PageHash.Size);

    private void WriteHashes(PageHashUpdate update)
    {
        var hashes = MemoryMarshal.AsBytes(update.Changes.Hashes);
        foreach (var run in update.Changes.Runs)
        {
            var length = (int)run.Count * PageHash.Size;
            _file.Write(hashes[..length], OffsetOf(run.First));
            hashes = hashes[length..];
        }

        // A growth writes every new entry but that of the lock-byte page, which is zero; a shrink cuts off what no longer exists.
        var end = OffsetOf((ulong)update.Shape.PageCount + 1);
        if (_file.Length != end)
        {
            _file.SetLength(end);
        }
    }

    private void WriteHeader(PageHashTableHeader header)
    {
        Span<byte> bytes = stackalloc byte[PageHashTableHeader.Size];
        header.Write(bytes);
        _file.Write(bytes, 0);
        Header = header;
    }

    private void EnsureWhole()
    {
        if (_isTorn)
        {
            throw new InvalidOperationException("An earlier write of the table failed: it is torn.");
        }
    }

    private void EnsureFits(PageHashChanges changes, DatabaseShape shape)
    {
        if (shape.PageSizeBytes != Shape.PageSizeBytes)
        {
            throw new InvalidOperationException($"Pages of {shape.PageSizeBytes} bytes came to a table of pages of {Shape.PageSizeBytes}.");
        }

        if (changes.Runs.Count > 0 && changes.Runs[^1].End > (ulong)shape.PageCount + 1)
        {
            throw new InvalidOperationException($"Page {changes.Runs[^1].End - 1} changed in a database of {shape.PageCount} pages.");
        }

        if (changes.Runs.Any(run => run.First <= shape.LockBytePage && run.End > shape.LockBytePage))
        {
            throw new InvalidOperationException($"Page {shape.LockBytePage} holds SQLite's lock bytes and has no hash.");
        }

        if (changes.FirstMissing(Shape, shape) is { } missing)
        {
            throw new InvalidOperationException($"The database grew from {Shape.PageCount} to {shape.PageCount} pages, and page {missing} is not among the changes.");
        }
    }

    private static PageHashTableHeader? TryReadHeader(StateFile file)
    {
        if (file.Length < PageHashTableHeader.Size)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[PageHashTableHeader.Size];
        file.Read(bytes, 0);
        return PageHashTableHeader.TryParse(bytes);
    }

    private static PageHashSums SumsOf(StateFile file, PageRun pages)
    {
        var hashes = new PageHash[Math.Min(ReadSizeBytes / PageHash.Size, pages.Count)];
        var sums = PageHashSums.Zero;
        for (ulong page = pages.First; page < pages.End; page += (uint)hashes.Length)
        {
            var some = hashes.AsSpan(0, (int)Math.Min((uint)hashes.Length, pages.End - page));
            file.Read(MemoryMarshal.AsBytes(some), OffsetOf(page));
            sums = sums.Add((uint)page, some);
        }

        return sums;
    }
}
