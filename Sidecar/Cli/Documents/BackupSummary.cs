namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>backup</c>.</summary>
internal sealed record BackupSummary
{
    public string Type { get; } = "summary";

    public string Command { get; } = "backup";

    /// <summary>0, or 3 if there are doubts.</summary>
    public required int ExitCode { get; init; }

    public required string BackupId { get; init; }

    public required string Source { get; init; }

    public required string SourceId { get; init; }

    public required string Database { get; init; }

    public required string Repository { get; init; }

    public required ulong Position { get; init; }

    public required string Timeline { get; init; }

    public required string? NewTimelineReason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required bool Changed { get; init; }

    /// <summary>True if the pack holds the whole database.</summary>
    public required bool Full { get; init; }

    public required int PageSizeBytes { get; init; }

    public required long Pages { get; init; }

    public required long PagesStored { get; init; }

    public required long DatabaseBytes { get; init; }

    /// <summary>What the stored pages have in the database.</summary>
    public required long RawBytes { get; init; }

    /// <summary>What the repository grew by, but for the manifest.</summary>
    public required long StoredBytes { get; init; }

    public required string Fingerprint { get; init; }

    public required string Reading { get; init; }

    public required long ReadTransactionHeldMs { get; init; }

    public required long DurationMs { get; init; }

    public required IReadOnlyList<string> Labels { get; init; }

    public required int Warnings { get; init; }

    public required int Doubts { get; init; }
}
