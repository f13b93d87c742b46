namespace BackupSidecar.Hosting.Configuration;

/// <summary>The configuration of <c>serve</c>, read and checked.</summary>
internal sealed record SidecarOptions
{
    public required string RepositoryPath { get; init; }

    /// <summary>In the order in which they are restored from.</summary>
    public required IReadOnlyList<RemoteOptions> Remotes { get; init; }

    /// <summary>Null: where the command line's default is.</summary>
    public required string? StatePath { get; init; }

    /// <summary>Under which this sidecar holds leases of repositories; null: the name of the host.</summary>
    public required string? Instance { get; init; }

    public required IReadOnlyList<SourceOptions> Sources { get; init; }

    public required CompactionSettings Compaction { get; init; }

    public required BackupSettings Backups { get; init; }

    public required RestoreSettings Restore { get; init; }

    public required ShutdownOptions Shutdown { get; init; }

    public required ServiceOptions Service { get; init; }

    public required LogOptions Log { get; init; }
}
