namespace BackupSidecar.Verify;

/// <summary>The outcome of a verification.</summary>
internal sealed record VerifyResult(VerifyLevel Level, VerifyCoverage Coverage, IReadOnlyList<VerifyFinding> Findings, TimeSpan Duration)
{
    public bool IsProved => !Findings.Any(finding => finding.IsFatal);
}
