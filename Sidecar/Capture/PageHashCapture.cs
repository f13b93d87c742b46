using System.Collections.Concurrent;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Finds the pages of an image that differ from a baseline by reading and hashing all of them; without a baseline, all pages (a full).</summary>
internal static class PageHashCapture
{
    /// <param name="image">What is captured.</param>
    /// <param name="baseline">The hashes of the position that the changeset starts from, or null for a full. The same page size.</param>
    /// <param name="next">Receives the hash of every page.</param>
    /// <param name="workers">Chunks that are read and hashed at the same time; each needs about half a megabyte.</param>
    /// <param name="sink">Receives every changed run, in page order, one at a time. Memory that it is given is valid until it returns.</param>
    /// <param name="ct">Stops between two chunks.</param>
    /// <returns>The fingerprint of the image.</returns>
    public static async ValueTask<Fingerprint> RunAsync(
        IDatabaseImage image,
        PageHashTable? baseline,
        PageHashTableBuilder next,
        int workers,
        Func<PageChunk, ValueTask> sink,
        CancellationToken ct)
    {
        var shape = image.Facts.Shape;
        var free = new ConcurrentBag<PageChunk>();
        var sum = UInt128.Zero;

        await using var scan = new OrderedParallel<PageRun, PageChunk>(
            workers,
            pages => ValueTask.FromResult((free.TryTake(out var chunk) ? chunk : new PageChunk(shape.PageSizeBytes)).Scan(image, baseline, pages)),
            async chunk =>
            {
                next.Write(chunk.FirstPage, chunk.Hashes);
                sum = unchecked(sum + chunk.SumOfHashes);
                await sink(chunk);
                free.Add(chunk);
            });

        var pagesPerChunk = PageChunk.PagesOf(shape);
        for (ulong page = 1; page <= shape.PageCount; page += pagesPerChunk)
        {
            var count = (uint)Math.Min(pagesPerChunk, shape.PageCount - page + 1);
            await scan.PostAsync(new PageRun((uint)page, count), ct);
        }

        await scan.CompleteAsync();
        image.EnsureUnchanged();
        return Fingerprint.Of(shape, sum);
    }
}
