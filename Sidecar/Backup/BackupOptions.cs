using BackupSidecar.Pack;

namespace BackupSidecar.Backup;

/// <summary>What one backup is asked to do.</summary>
internal sealed record BackupOptions
{
    public required string DatabasePath { get; init; }

    /// <summary>Null: from the file's name, and then the source must be the one that this path always was.</summary>
    public string? SourceName { get; init; }

    /// <summary>Where the page-hash tables are. Losing it costs time, never a backup.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Asked once for a source that the repository does not know; null: there is no other repository.</summary>
    public Func<string, CancellationToken, ValueTask<SourceHistory?>>? HistoryElsewhereAsync { get; init; }

    public CompressionLevel Compression { get; init; } = CompressionLevel.Light;

    /// <summary>Why nothing that is stored is built upon, so that a full is made and a new timeline begins; null: it is, where it can be read.</summary>
    public string? FullBecause { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>
    /// True: where an application would wait for as long as a database is read in one go, the pages are copied into the local state first, and compressed when
    /// nothing is held any more. It costs disk, at most the size of the database, and one more write. Without room for it they are compressed while they are read.
    /// </summary>
    public bool CopyBeforeCompressing { get; init; }

    /// <summary>Chunks that are hashed, and blocks that are compressed, at the same time; 1 to 16. Each costs about 2 MB.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 16);
}
