namespace BackupSidecar.Ledger;

/// <summary>What is remembered of the runs of one source.</summary>
internal sealed record SourceRuns
{
    public static SourceRuns None { get; } = new();

    public RunTotals Backups { get; init; } = RunTotals.None;

    public RunTotals Drills { get; init; } = RunTotals.None;

    /// <summary>Null: none was.</summary>
    public ProvedRestore? LastProved { get; init; }

    /// <summary>Null: none has.</summary>
    public RunFailure? LastFailure { get; init; }
}
