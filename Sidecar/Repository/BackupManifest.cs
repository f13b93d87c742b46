using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A position kept under an id, with what a person wants to know of it. Written last: from then on the backup exists.</summary>
internal sealed record BackupManifest
{
    public required RepositoryId RepositoryId { get; init; }

    public required BackupId BackupId { get; init; }

    public required ManifestSource Source { get; init; }

    public required Position Position { get; init; }

    /// <summary>Where the position's timeline branched off; null for the first timeline of a source.</summary>
    public required Position? Parent { get; init; }

    /// <summary>UTC; written in whole microseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public required DatabaseShape Shape { get; init; }

    /// <summary>Of the whole database at <see cref="Position"/>.</summary>
    public required Fingerprint Fingerprint { get; init; }

    /// <summary>False if this backup found nothing new and keeps a position that a pack before it had made.</summary>
    public required bool Changed { get; init; }

    /// <summary>The pack that leads to <see cref="Position"/>.</summary>
    public required ManifestPack Pack { get; init; }

    /// <summary>See <see cref="BackupLabel"/>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    public required DatabaseFacts Database { get; init; }

    public required BackupStats Stats { get; init; }

    public required string ProgramVersion { get; init; }
}
