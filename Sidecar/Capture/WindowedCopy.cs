using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Copies what differs of a live database into a spool, in short read transactions, so that neither compression nor a put is done under a read mark.</summary>
/// <remarks>
/// (1) Read every page, window after window; copy those that differ from the baseline (without one: all).
/// (2) Copy again what has changed since it was read, round after round: each takes less time than the one before, so that fewer pages change meanwhile.
/// (3) In one last window read the few that are left, and page 1: then every page is as this window sees it, or as the baseline has it.
/// Where the log cannot say what has changed, or the application changes pages faster than they can be copied, nothing is copied: start over, or hold a read mark.
/// </remarks>
internal static class WindowedCopy
{
    /// <summary>Of (2). A round that is no shorter than the one before will not get there.</summary>
    private const int RoundsMax = 10;

    /// <summary>What may be left for (3): a few milliseconds to read.</summary>
    private const int LastBytes = 4 << 20;

    /// <summary>What (3) buffers at most; the application may have changed more between the last round and it.</summary>
    private const int LastBytesMax = 32 << 20;

    /// <param name="database">Attached.</param>
    /// <param name="baseline">What the changeset will start from; null, or of another page size: all pages are copied.</param>
    /// <param name="spoolPath">For the spool, in the local state.</param>
    /// <param name="window">How long one read transaction lasts.</param>
    /// <param name="workers">Chunks that are hashed at the same time; each needs about half a megabyte.</param>
    /// <param name="time">Ends windows.</param>
    /// <param name="ct">Stops between two chunks.</param>
    /// <exception cref="ImageChangedException">What changed meanwhile cannot be told, or too much did.</exception>
    /// <exception cref="SpoolSpaceException">There is no room for the spool.</exception>
    /// <exception cref="LocalStateException">The spool cannot be written.</exception>
    public static async ValueTask<SpooledImage> RunAsync(
        AttachedDatabase database, PageHashTable? baseline, string spoolPath, TimeSpan window, int workers, TimeProvider time, CancellationToken ct)
    {
        using var image = new WindowedImage(database, window, time);
        var shape = image.Facts.Shape;
        var usable = baseline?.Shape.PageSizeBytes == shape.PageSizeBytes ? baseline : null;
        var spool = PageSpool.Create(spoolPath, shape.PageSizeBytes, usable is null ? shape.Bytes : 0);
        try
        {
            await spool.WriteDifferingAsync(image, usable, workers, ct);
            CopyChanged(image, spool, ct);
            var (facts, longestWindow) = CopyLast(image, spool, time);
            return new SpooledImage(spool, facts, longestWindow);
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    /// <summary>(2)</summary>
    private static void CopyChanged(WindowedImage image, PageSpool spool, CancellationToken ct)
    {
        var pageSizeBytes = image.Facts.Shape.PageSizeBytes;
        var buffer = new byte[PageChunk.SizeBytes];
        var changed = image.TakeChanged();
        for (var round = 1; changed.Count * (long)pageSizeBytes > LastBytes; round++, changed = image.TakeChanged())
        {
            if (round > RoundsMax)
            {
                throw new ImageChangedException($"the app changes pages faster than they can be copied: {changed.Count} again in round {RoundsMax}");
            }

            foreach (var run in changed.Runs(uint.MaxValue, PageChunk.PagesOf(image.Facts.Shape)))
            {
                ct.ThrowIfCancellationRequested();
                var pages = buffer.AsSpan(0, (int)run.Count * pageSizeBytes);
                image.ReadPages(run.First, pages);
                spool.Write(run.First, pages);
            }
        }

        image.PutBack(changed);
    }

    /// <summary>(3)</summary>
    private static (ImageFacts Facts, TimeSpan LongestWindow) CopyLast(WindowedImage image, PageSpool spool, TimeProvider time)
    {
        var began = time.GetTimestamp();
        List<(uint First, byte[] Pages)> read = [];
        ImageFacts facts;
        using (var last = image.Finish())
        {
            facts = last.Facts;
            var shape = facts.Shape;
            var changed = image.TakeChanged();
            changed.Add(1);
            if (facts.Cursor is null || changed.Count * (long)shape.PageSizeBytes > LastBytesMax)
            {
                throw new ImageChangedException($"the app went on with its log, or changed too much, just before the last window ({changed.Count} pages)");
            }

            foreach (var run in changed.Runs(shape.PageCount, PageChunk.PagesOf(shape)))
            {
                var pages = new byte[run.Count * shape.PageSizeBytes];
                last.ReadPages(run.First, pages);
                read.Add((run.First, pages));
            }

            last.EnsureUnchanged();
        }

        var lasted = time.GetElapsedTime(began);
        foreach (var (first, pages) in read)
        {
            spool.Write(first, pages);
        }

        spool.SetPageCount(facts.Shape.PageCount);
        return (facts with { Reading = image.Facts.Reading }, lasted > image.LongestWindow ? lasted : image.LongestWindow);
    }
}
