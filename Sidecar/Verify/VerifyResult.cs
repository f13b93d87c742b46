namespace BackupSidecar.Verify;

/// <summary>The outcome of a verification.</summary>
internal sealed record VerifyResult(VerifyLevel Level, VerifyCoverage Coverage, IReadOnlyList<VerifyFinding> Findings, IReadOnlyList<PassedDrill> Drills, TimeSpan Duration)
{
    /// <summary>Of each source of which it is so, the first damage that the newest position depends on.</summary>
    public IReadOnlyList<(string Source, VerifyFinding Finding)> DamagedNewest { get; init; } = [];

    public bool IsProved => !Findings.Any(finding => finding.Kind != VerifyFindingKind.Note);

    /// <summary>False also where something could not be looked at: then it is not known.</summary>
    public bool IsDamaged => Findings.Any(finding => finding.Kind == VerifyFindingKind.Damage);
}
