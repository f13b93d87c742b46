using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Lifecycle;
using BackupSidecar.Repository;
using BackupSidecar.Restore;

namespace BackupSidecar.Hosting.Serve;

/// <summary>What serve is given.</summary>
internal sealed record ServeSettings
{
    public required LoadedConfiguration Configuration { get; init; }

    /// <summary>Absolute.</summary>
    public required string StateDirectory { get; init; }

    public required ServiceSettings Service { get; init; }

    public required string RepositoryLocation { get; init; }

    /// <summary>Where its volume is looked at.</summary>
    public required string RepositoryDirectory { get; init; }

    public required string Version { get; init; }

    /// <summary>Makes one follower for one run of a source.</summary>
    public required Func<SourceDefinition, IFollowedSource> CreateFollower { get; init; }

    /// <summary>The local one.</summary>
    public required IRepositoryReader Repository { get; init; }

    public required Func<SourceDefinition, IFollowedDatabase, RestoreOrigins, SourceLifecycle> CreateLifecycle { get; init; }

    /// <summary>Labels, pins and deletions of backups.</summary>
    public required BackupKeeping Backups { get; init; }

    /// <summary>Keeps the newest position of a source, whose status this is, as a backup with labels.</summary>
    public required Func<SourceStatus, IReadOnlyList<string>, CancellationToken, ValueTask<BackupManifest>> KeepNewest { get; init; }

    /// <summary>True if a backup keeps the newest position of the source of this name already.</summary>
    public required Func<string, CancellationToken, ValueTask<bool>> IsNewestKept { get; init; }

    /// <summary>The repositories beside the local one.</summary>
    public IReadOnlyList<RemoteFeedSettings> Remotes { get; init; } = [];

    /// <summary>See <see cref="UpkeepLoop"/>.</summary>
    public required Func<string, CancellationToken, ValueTask<UpkeepNext>> Upkeep { get; init; }

    /// <summary>What the last one found.</summary>
    public required StoredAmounts Stored { get; init; }

    /// <summary>What the followers look at.</summary>
    public DamageBoard Damage { get; init; } = new();

    /// <summary>Reads the configuration again; null: there is no file that could have changed.</summary>
    public required Func<LoadedConfiguration>? Reload { get; init; }

    /// <summary>The file to look at for changes; null: none.</summary>
    public required string? ConfigurationPath { get; init; }
}
