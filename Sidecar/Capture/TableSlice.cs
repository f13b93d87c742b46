using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Some pages of a live database, compared with the page-hash table of the position that the database is at.</summary>
/// <param name="Next">Where the next slice begins; 0: the last page was compared.</param>
/// <param name="Different">Pages that are not what the table says; ascending.</param>
internal sealed record TableSlice(uint Next, IReadOnlyList<uint> Different)
{
    /// <summary>A log of more frames is not read for this: building its map would take longer than the slice.</summary>
    private const uint LogFramesMax = 16_384;

    /// <param name="database">Attached.</param>
    /// <param name="table">Of the newest position.</param>
    /// <param name="firstPage">The first page to compare.</param>
    /// <param name="budget">How long the read transaction lasts, about.</param>
    /// <param name="time">Ends it.</param>
    /// <returns>Null if the database is not at that position, so that it cannot be compared now.</returns>
    /// <exception cref="ImageChangedException">What was read is not one state.</exception>
    public static TableSlice? TryCompare(AttachedDatabase database, PageHashTable table, uint firstPage, TimeSpan budget, TimeProvider time)
    {
        if (table.State.Log is not { } cursor || !database.TryReadIndex(out var log) || log.LastFrame > LogFramesMax)
        {
            return null;
        }

        using var image = database.OpenImage();
        if (image.Facts.Cursor != cursor)
        {
            return null;
        }

        var slice = Compare(image, table, firstPage, budget, time);
        image.EnsureUnchanged();
        return slice;
    }

    private static TableSlice Compare(LiveWalImage image, PageHashTable table, uint firstPage, TimeSpan budget, TimeProvider time)
    {
        var started = time.GetTimestamp();
        var shape = image.Facts.Shape;
        if (shape != table.Shape)
        {
            return new TableSlice(0, [1]);
        }

        List<uint> different = [];
        var chunk = new PageChunk(shape.PageSizeBytes);
        var pagesPerChunk = (uint)(PageChunk.SizeBytes / shape.PageSizeBytes);
        ulong next = firstPage;
        do
        {
            if (next > shape.PageCount)
            {
                break;
            }

            var pages = new PageRun((uint)next, (uint)Math.Min(pagesPerChunk, shape.PageCount - next + 1));
            foreach (var run in chunk.Scan(image, table, pages).Changed)
            {
                different.AddRange(Enumerable.Range(0, (int)run.Count).Select(i => run.First + (uint)i));
            }

            next = pages.End;
        }
        while (time.GetElapsedTime(started) < budget);

        if (different.Count > 0)
        {
            var free = FreePages.Read(image);
            _ = different.RemoveAll(free.Contains);
        }

        return new TableSlice(next > shape.PageCount ? 0 : (uint)next, different);
    }
}
