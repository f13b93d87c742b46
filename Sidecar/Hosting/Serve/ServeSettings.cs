using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Service;

namespace BackupSidecar.Hosting.Serve;

/// <summary>What serve is given.</summary>
internal sealed record ServeSettings
{
    public required LoadedConfiguration Configuration { get; init; }

    /// <summary>Absolute.</summary>
    public required string StateDirectory { get; init; }

    public required ServiceSettings Service { get; init; }

    public required string RepositoryLocation { get; init; }

    public required string Version { get; init; }

    /// <summary>Makes one follower for one run of a source.</summary>
    public required Func<SourceDefinition, IFollowedSource> CreateFollower { get; init; }

    /// <summary>See <see cref="CompactionLoop"/>; null: nothing is compacted.</summary>
    public required Func<string, CancellationToken, ValueTask<DateTimeOffset?>>? Compact { get; init; }

    /// <summary>Reads the configuration again; null: there is no file that could have changed.</summary>
    public required Func<LoadedConfiguration>? Reload { get; init; }

    /// <summary>The file to look at for changes; null: none.</summary>
    public required string? ConfigurationPath { get; init; }
}
