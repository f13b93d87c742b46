using BackupSidecar.Compaction;

namespace BackupSidecar.Sync;

/// <summary>How one remote repository is fed.</summary>
internal sealed record SyncOptions
{
    /// <summary>How packs are merged. Its limits of levels and grace are of no meaning here.</summary>
    public required CompactionOptions Merge { get; init; }

    /// <summary>True: every restore point goes there, and not only the newest position and those that backups keep.</summary>
    public bool IsEveryPoint { get; init; }
}
