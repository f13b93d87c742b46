using BackupSidecar.Compaction;

namespace BackupSidecar.Sync;

/// <summary>How one remote repository is fed.</summary>
internal sealed record SyncOptions
{
    /// <summary>How packs are merged. Of its policy only the limits of one merge count here.</summary>
    public required CompactionOptions Merge { get; init; }

    /// <summary>Where packs that are merged lie before they are sent; null: there where they are to stay.</summary>
    public SyncSpool? Spool { get; init; }

    /// <summary>How what is stored there is compacted; null: it is not, and deleted backups stay.</summary>
    public CompactionOptions? Compaction { get; init; }

    /// <summary>How long a backup that is marked as deleted stays there.</summary>
    public TimeSpan DeleteGrace { get; init; }

    /// <summary>How long a listing may lack what was acknowledged, before that counts as lost.</summary>
    public TimeSpan ListingLagMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long what is stored there is known without a look. After it, the next run that has something to put lists it anew, so that a repository that somebody has emptied or changed is found out.</summary>
    public TimeSpan LookAgainAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>True: every restore point goes there, and not only the newest position and those that backups keep.</summary>
    public bool IsEveryPoint { get; init; }
}
