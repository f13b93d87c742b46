namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>inspect</c>.</summary>
internal sealed record InspectSummary
{
    public string Type { get; } = "summary";

    public string Command { get; } = "inspect";

    public int ExitCode { get; } = Cli.ExitCode.Ok;

    public required string Repository { get; init; }

    public required string Object { get; init; }

    public required string PackId { get; init; }

    public required string RepositoryId { get; init; }

    public required string SourceId { get; init; }

    public required int FormatVersion { get; init; }

    public required bool Full { get; init; }

    /// <summary>0 for a full.</summary>
    public required ulong FromPosition { get; init; }

    public required string? FromTimeline { get; init; }

    public required ulong ToPosition { get; init; }

    public required string ToTimeline { get; init; }

    public required DateTimeOffset CapturedAt { get; init; }

    public required int PageSizeBytes { get; init; }

    public required long PagesBefore { get; init; }

    public required long PagesAfter { get; init; }

    public required string Compression { get; init; }

    public required string Cipher { get; init; }

    public required string? KeyId { get; init; }

    public required ulong FencingNumber { get; init; }

    public required long PackBytes { get; init; }

    public required long BlockBytes { get; init; }

    public required long IndexBytes { get; init; }

    public required long RawBytes { get; init; }

    public required long Pages { get; init; }

    public required long Runs { get; init; }

    public required long Blocks { get; init; }

    public required long CompressedBlocks { get; init; }

    /// <summary>The highest page number in it; 0 if it has no page.</summary>
    public required long LastPage { get; init; }

    /// <summary>Null for a full.</summary>
    public required string? FingerprintBefore { get; init; }

    public required string FingerprintAfter { get; init; }

    /// <summary>SHA-256 of header, index and trailer; it was compared.</summary>
    public required string Digest { get; init; }
}
