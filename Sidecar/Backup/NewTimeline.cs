using BackupSidecar.Capture;
using BackupSidecar.Primitives;

namespace BackupSidecar.Backup;

/// <summary>Decides whether the next position goes on with the baseline's timeline.</summary>
internal static class NewTimeline
{
    /// <param name="baseline">What the changeset starts from.</param>
    /// <param name="shape">Of the database now.</param>
    /// <param name="file">The database file now.</param>
    /// <returns>Null if the timeline goes on, else why a new one begins.</returns>
    public static string? ReasonFor(Baseline? baseline, DatabaseShape shape, CapturedFile file)
    {
        if (baseline is null)
        {
            return "it is the first backup, or no earlier one can be built upon";
        }

        if (baseline.IsStateLost)
        {
            return $"{baseline.NotLocalBecause ?? "the local state was missing"}, so that it cannot be known whether commits were lost in between";
        }

        if (baseline.Shape.PageSizeBytes != shape.PageSizeBytes)
        {
            return $"the page size changed from {baseline.Shape.PageSizeBytes} to {shape.PageSizeBytes} bytes";
        }

        var known = baseline.Table.State.File;
        if ((known.Device, known.Inode) != (file.Device, file.Inode))
        {
            return "the file was replaced by another one";
        }

        if (known.Mode != file.Mode && known.Mode != JournalMode.Unknown && file.Mode != JournalMode.Unknown)
        {
            return $"the journal mode changed from {TextOf(known.Mode)} to {TextOf(file.Mode)}, so that it cannot be known whether commits were lost in between";
        }

        // With WAL it may stand still over many commits, but it does not go back: whoever writes page 1 adds one to the newest that was committed.
        return file.HeaderChangeCounter < known.HeaderChangeCounter
            ? $"the change counter went back from {known.HeaderChangeCounter} to {file.HeaderChangeCounter}: commits were lost, or an older copy was put back"
            : null;
    }

    private static string TextOf(JournalMode mode) => mode == JournalMode.Wal ? "WAL" : "rollback journal";
}
