using BackupSidecar.Backup;
using BackupSidecar.Pack;

namespace BackupSidecar.Following;

/// <summary>How one source is followed.</summary>
internal sealed record FollowOptions
{
    public required string DatabasePath { get; init; }

    /// <summary>Null: from the file's name.</summary>
    public string? SourceName { get; init; }

    /// <summary>Where the page-hash tables are, never beside the database.</summary>
    public required string StateDirectory { get; init; }

    public CompressionLevel Compression { get; init; } = CompressionLevel.Light;

    /// <summary>WAL mode: commits within this time of the last capture are merged into the next one. Zero: each capture starts at once.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Rollback-journal mode, where a capture reads the whole database: the least time between two captures.</summary>
    public TimeSpan RollbackJournalInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a database that nothing woke us for is looked at. Only where inotify does not reach does anything depend on it.</summary>
    public TimeSpan IdleLook { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Chunks that are hashed, and blocks that are compressed, at the same time in a capture by page hashes.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount - 1, 1, 16);

    public BackupOptions ForPageHashes() => new()
    {
        DatabasePath = DatabasePath,
        SourceName = SourceName,
        StateDirectory = StateDirectory,
        Compression = Compression,
        Workers = Workers,
    };
}
