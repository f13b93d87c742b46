namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>verify</c>.</summary>
internal sealed record VerifySummary
{
    public string Type { get; } = "summary";

    public string Command { get; } = "verify";

    public required int ExitCode { get; init; }

    public required bool Proved { get; init; }

    public required string Repository { get; init; }

    public required string Level { get; init; }

    public required int Sources { get; init; }

    public required int Manifests { get; init; }

    public required int Packs { get; init; }

    public required long Blocks { get; init; }

    public required long Pages { get; init; }

    public required long BytesRead { get; init; }

    public required int Positions { get; init; }

    public required int FingerprintsProved { get; init; }

    public required int Drills { get; init; }

    public required IReadOnlyList<FoundProblem> Findings { get; init; }

    public required long DurationMs { get; init; }
}
