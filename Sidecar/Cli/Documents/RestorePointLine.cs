namespace BackupSidecar.Cli.Documents;

/// <summary>What is, or would be, restored.</summary>
internal sealed record RestorePointLine
{
    public required string Source { get; init; }

    /// <summary>Null where no backup keeps the position.</summary>
    public required string? BackupId { get; init; }

    public required ulong Position { get; init; }

    public required string Timeline { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required long AgeMs { get; init; }

    public required int Packs { get; init; }

    /// <summary>All that may have to be read.</summary>
    public required long PackBytes { get; init; }

    /// <summary>When the full that everything else builds on was captured.</summary>
    public required DateTimeOffset FullCapturedAt { get; init; }

    public required int PageSizeBytes { get; init; }

    public required long Pages { get; init; }

    public required long DatabaseBytes { get; init; }

    public required string Fingerprint { get; init; }
}
