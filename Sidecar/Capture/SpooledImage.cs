using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>One state of a database, copied into a spool: nothing of the database is held any more. It holds the pages that are not known to be as a baseline has them, and page 1.</summary>
internal sealed class SpooledImage(PageSpool spool, ImageFacts facts, TimeSpan longestWindow) : IDatabaseImage
{
    public ImageFacts Facts => facts;

    /// <summary>While it was copied.</summary>
    public TimeSpan? LongestHold => longestWindow;

    public bool Holds(uint page) => spool.Holds(page);

    /// <inheritdoc/>
    /// <remarks>Pages that it does not hold come out as zero.</remarks>
    public void ReadPages(uint firstPage, Span<byte> destination) => spool.Read(firstPage, destination);

    public void EnsureUnchanged()
    {
        // Proved when it was copied.
    }

    public void Dispose() => spool.Dispose();
}
