using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Copies what differs of an image that holds the database from its first page to its last into a spool, so that it is let go of before anything is compressed.</summary>
internal static class HeldCopy
{
    /// <param name="image">Just opened. Disposed if the copy succeeds; otherwise it stays the caller's, and as readable as it was.</param>
    /// <param name="baseline">What the changeset will start from; null, or of another page size: all pages are copied.</param>
    /// <param name="spoolPath">For the spool, in the local state.</param>
    /// <param name="workers">Chunks that are hashed at the same time; each needs about half a megabyte.</param>
    /// <param name="time">Measures how long the database was held.</param>
    /// <param name="ct">Stops between two chunks.</param>
    /// <exception cref="ImageChangedException">What was read is not one state.</exception>
    /// <exception cref="SpoolSpaceException">There is no room for the spool.</exception>
    /// <exception cref="LocalStateException">The spool cannot be written.</exception>
    public static async ValueTask<SpooledImage> RunAsync(IDatabaseImage image, PageHashTable? baseline, string spoolPath, int workers, TimeProvider time, CancellationToken ct)
    {
        var opened = time.GetTimestamp();
        var facts = image.Facts;
        var usable = baseline?.Shape.PageSizeBytes == facts.Shape.PageSizeBytes ? baseline : null;
        var spool = PageSpool.Create(spoolPath, facts.Shape.PageSizeBytes, usable is null ? facts.Shape.Bytes : 0);
        try
        {
            await spool.WriteDifferingAsync(image, usable, workers, ct);
            WriteFirstPage(image, spool);
            image.EnsureUnchanged();
        }
        catch
        {
            spool.Dispose();
            throw;
        }

        image.Dispose();
        spool.SetPageCount(facts.Shape.PageCount);
        return new SpooledImage(spool, facts, time.GetElapsedTime(opened));
    }

    /// <summary>Whoever takes the copy for a database looks at its header, whether it differs or not.</summary>
    private static void WriteFirstPage(IDatabaseImage image, PageSpool spool)
    {
        if (image.Facts.Shape.PageCount > 0)
        {
            var page = new byte[image.Facts.Shape.PageSizeBytes];
            image.ReadPages(1, page);
            spool.Write(1, page);
        }
    }
}
