namespace BackupSidecar.Verify;

/// <summary>What one verification is asked to prove.</summary>
internal sealed record VerifyOptions
{
    /// <summary>Null: all sources.</summary>
    public string? SourceName { get; init; }

    public VerifyLevel Level { get; init; } = VerifyLevel.Data;

    /// <summary>Where a drill restores to; a directory of its own is made in it and removed.</summary>
    public required string ScratchDirectory { get; init; }

    /// <summary>1 to 16.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 16);
}
