using BackupSidecar.DriveEmulator.Files;

namespace BackupSidecar.DriveEmulator.Listing;

/// <summary>A file whose last changes lists do not show yet.</summary>
internal sealed class LaggingFile(DriveFile? shown)
{
    private readonly Queue<(DriveFile? After, DateTimeOffset Time, long List)> _changes = new();

    /// <summary>What lists show of it; null: nothing.</summary>
    public DriveFile? Shown { get; private set; } = shown;

    /// <summary>Lists show the truth again.</summary>
    public bool IsSettled => _changes.Count == 0;

    /// <param name="time">The change shows from here on,</param>
    /// <param name="list">and from this list on.</param>
    public void Add(DriveFile? after, DateTimeOffset time, long list) => _changes.Enqueue((after, time, list));

    public void Settle(DateTimeOffset now, long list)
    {
        while (_changes.TryPeek(out var change) && change.Time <= now && change.List <= list)
        {
            Shown = _changes.Dequeue().After;
        }
    }
}
