using BackupSidecar.Source;

namespace BackupSidecar.Backup;

/// <summary>Decides whether the next position goes on with the baseline's timeline.</summary>
internal static class NewTimeline
{
    /// <returns>Null if the timeline goes on, else why a new one begins.</returns>
    public static string? ReasonFor(Baseline? baseline, ImageFacts facts)
    {
        if (baseline is null)
        {
            return "it is the first backup, or no earlier one can be built upon";
        }

        var header = baseline.Table.Header;
        if (baseline.RebuiltBecause is { } because)
        {
            return $"{because}, so that it cannot be known whether commits were lost in between";
        }

        if (header.Shape.PageSizeBytes != facts.Shape.PageSizeBytes)
        {
            return $"the page size changed from {header.Shape.PageSizeBytes} to {facts.Shape.PageSizeBytes} bytes";
        }

        if ((header.Device, header.Inode) != (facts.File.Device, facts.File.Inode))
        {
            return "the file was replaced by another one";
        }

        // In WAL mode the counter restarts with every recovery, and says nothing.
        return !header.IsWal && !facts.IsWal && facts.ChangeCounter < header.ChangeCounter
            ? $"the change counter went back from {header.ChangeCounter} to {facts.ChangeCounter}: commits were lost, or an older copy was put back"
            : null;
    }
}
