using System.Collections.Concurrent;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Compares every page of a live database with a page-hash table, in windows, and finds which pages are to be captured.</summary>
internal static class PageComparison
{
    /// <param name="database">Attached.</param>
    /// <param name="table">Of the same page size as the database.</param>
    /// <param name="window">How long one read transaction lasts.</param>
    /// <param name="pagesMax">Pages that may differ; with more of them the comparison ends.</param>
    /// <param name="workers">Chunks that are hashed at the same time; each needs about half a megabyte.</param>
    /// <param name="time">Ends windows.</param>
    /// <param name="ct">Stops between two chunks.</param>
    /// <returns>The pages that differ or may differ, readable in one last window; null if they are more than <paramref name="pagesMax"/>, or of another size.</returns>
    /// <exception cref="ImageChangedException">What changed meanwhile cannot be told: start over.</exception>
    public static async ValueTask<ImageChanges?> FindAsync(
        AttachedDatabase database, PageHashTable table, TimeSpan window, int pagesMax, int workers, TimeProvider time, CancellationToken ct)
    {
        using var image = new WindowedImage(database, window, time);
        if (image.Facts.Shape.PageSizeBytes != table.Shape.PageSizeBytes || await ScanAsync(image, table, pagesMax, workers, ct) is not { } pages)
        {
            return null;
        }

        var last = image.Finish();
        pages.UnionWith(image.ChangedSince);
        var shape = last.Facts.Shape;
        for (var page = (ulong)table.Shape.PageCount + 1; page <= shape.PageCount; page++)
        {
            _ = pages.Add((uint)page);
        }

        _ = pages.Remove(shape.LockBytePage);
        _ = pages.RemoveWhere(page => page > shape.PageCount);
        if (pages.Count <= pagesMax && last.Facts.Cursor is { } cursor)
        {
            return new ImageChanges(CaptureMethod.PageHashes, cursor, last, [.. pages.Order()], commits: 0) { LongestWindow = image.LongestWindow };
        }

        last.Dispose();
        return null;
    }

    private static async ValueTask<HashSet<uint>?> ScanAsync(WindowedImage image, PageHashTable table, int pagesMax, int workers, CancellationToken ct)
    {
        var shape = image.Facts.Shape;
        var free = new ConcurrentBag<PageChunk>();
        HashSet<uint> pages = [];
        await using var scan = new OrderedParallel<PageRun, PageChunk>(
            workers,
            run => ValueTask.FromResult((free.TryTake(out var chunk) ? chunk : new PageChunk(shape.PageSizeBytes)).Scan(image, table, run)),
            chunk =>
            {
                foreach (var run in chunk.Changed)
                {
                    for (var page = run.First; page < run.End && pages.Count <= pagesMax; page++)
                    {
                        _ = pages.Add(page);
                    }
                }

                free.Add(chunk);
                return ValueTask.CompletedTask;
            });

        // What the table has no entry for is captured anyway.
        var end = Math.Min(shape.PageCount, table.Shape.PageCount);
        var pagesPerChunk = PageChunk.PagesOf(shape);
        for (ulong page = 1; page <= end; page += pagesPerChunk)
        {
            if (pages.Count > pagesMax)
            {
                return null;
            }

            await scan.PostAsync(new PageRun((uint)page, (uint)Math.Min(pagesPerChunk, end - page + 1)), ct);
        }

        await scan.CompleteAsync();
        return pages.Count > pagesMax ? null : pages;
    }
}
