namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>restore</c>. What describes the restore point is null if there was nothing to do.</summary>
internal sealed record RestoreSummary
{
    public string Type { get; } = "summary";

    public string Command { get; } = "restore";

    public int ExitCode { get; } = Cli.ExitCode.Ok;

    /// <summary>"restored", "planned", "exists" or "empty".</summary>
    public required string Outcome { get; init; }

    public required string Output { get; init; }

    /// <summary>Where it comes from; null where nothing had to be done.</summary>
    public required string? Repository { get; init; }

    public RestorePointLine? RestorePoint { get; init; }

    /// <summary>Where the old database is kept; of a plan null.</summary>
    public string? SafetyCopy { get; init; }

    /// <summary>What an earlier, interrupted restore of this path ended as.</summary>
    public string? Recovered { get; init; }

    /// <summary>Of a plan: "create", "replace", "refuse" or "keep".</summary>
    public string? Target { get; init; }

    public bool? FingerprintChecked { get; init; }

    public bool? SqliteChecked { get; init; }

    public long? DurationMs { get; init; }

    public int Warnings { get; init; }
}
