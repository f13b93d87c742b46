using System.Collections.Concurrent;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Pages that wait to be packed, each at its own offset in a sparse file of the local state, so that a page that comes again takes the place of the older one.</summary>
/// <remarks>
/// The file has no name while it is used and is gone with its handle, also after a kill. It never takes the last room: as much as it holds stays free, since the pack
/// that is made of it may lie on the same file system.
/// </remarks>
internal sealed class PageSpool : IDisposable
{
    /// <summary>Bytes that are written between two looks at the free space.</summary>
    private const long LookBytes = 16L << 20;

    private readonly StateFile _file;
    private readonly string _directory;
    private readonly int _pageSizeBytes;
    private readonly GrowingPageSet _pages = new();
    private long _writtenSinceLook;

    private PageSpool(StateFile file, string directory, int pageSizeBytes)
    {
        _file = file;
        _directory = directory;
        _pageSizeBytes = pageSizeBytes;
    }

    /// <param name="path">Where the file has its name for a moment.</param>
    /// <param name="pageSizeBytes">Of the database.</param>
    /// <param name="bytesMin">What it will hold at least, as far as that is known.</param>
    /// <exception cref="SpoolSpaceException">There is no room for it.</exception>
    /// <exception cref="LocalStateException">As of every method here: no permission, no space, a failing disk.</exception>
    public static PageSpool Create(string path, int pageSizeBytes, long bytesMin)
    {
        var directory = Path.GetDirectoryName(path)!;
        EnsureFree(directory, 2 * bytesMin);
        var file = StateFile.Create(path);
        try
        {
            File.Delete(path);
            return new PageSpool(file, directory, pageSizeBytes);
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            file.Dispose();
            throw new LocalStateException(path, "created", e);
        }
    }

    public bool Holds(uint page) => _pages.Contains(page);

    /// <summary>Consecutive pages, in any order, each as often as it changes. One caller at a time.</summary>
    /// <exception cref="SpoolSpaceException">What is still free is needed for the pack.</exception>
    public void Write(uint firstPage, ReadOnlySpan<byte> pages)
    {
        _file.Write(pages, OffsetOf(firstPage));
        _pages.AddAll(new PageRun(firstPage, (uint)(pages.Length / _pageSizeBytes)));
        _writtenSinceLook += pages.Length;
        if (_writtenSinceLook >= LookBytes)
        {
            _writtenSinceLook = 0;
            EnsureFree(_directory, (long)_pages.Count * _pageSizeBytes);
        }
    }

    /// <summary>Reads a whole image, and writes each of its pages that the baseline has not got.</summary>
    /// <param name="image">What is copied.</param>
    /// <param name="baseline">Of the same page size; null: every page is written.</param>
    /// <param name="workers">Chunks that are hashed at the same time; each needs about half a megabyte.</param>
    /// <param name="ct">Stops between two chunks.</param>
    /// <exception cref="ImageChangedException">It is not one state.</exception>
    /// <exception cref="SpoolSpaceException">As of <see cref="Write"/>.</exception>
    public async ValueTask WriteDifferingAsync(IDatabaseImage image, PageHashTable? baseline, int workers, CancellationToken ct)
    {
        var shape = image.Facts.Shape;
        var free = new ConcurrentBag<PageChunk>();
        await using var scan = new OrderedParallel<PageRun, PageChunk>(
            workers,
            run => ValueTask.FromResult((free.TryTake(out var chunk) ? chunk : new PageChunk(shape.PageSizeBytes)).Scan(image, baseline, run)),
            chunk =>
            {
                foreach (var run in chunk.Changed)
                {
                    Write(run.First, chunk.BytesOf(run).Span);
                }

                free.Add(chunk);
                return ValueTask.CompletedTask;
            });
        var pagesPerChunk = PageChunk.PagesOf(shape);
        for (ulong page = 1; page <= shape.PageCount; page += pagesPerChunk)
        {
            await scan.PostAsync(new PageRun((uint)page, (uint)Math.Min(pagesPerChunk, shape.PageCount - page + 1)), ct);
        }

        await scan.CompleteAsync();
    }

    /// <summary>After the last write: makes every page up to this one readable; those that were not written are zero.</summary>
    public void SetPageCount(uint pageCount) => _file.SetLength((long)pageCount * _pageSizeBytes);

    /// <summary>Safe in parallel.</summary>
    public void Read(uint firstPage, Span<byte> destination) => _file.Read(destination, OffsetOf(firstPage));

    public void Dispose() => _file.Dispose();

    private long OffsetOf(uint page) => (page - 1L) * _pageSizeBytes;

    private static void EnsureFree(string directory, long bytes)
    {
        var free = FreeBytes(directory);
        if (free < bytes)
        {
            throw new SpoolSpaceException(directory, bytes, free);
        }
    }

    private static long FreeBytes(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(directory, "asked for its free space", e);
        }
    }
}
