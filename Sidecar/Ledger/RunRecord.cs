namespace BackupSidecar.Ledger;

/// <summary>The file of the ledger.</summary>
/// <param name="Version">1.</param>
/// <param name="Sources">By name.</param>
internal sealed record RunRecord(int Version, Dictionary<string, SourceRuns> Sources)
{
    public const int CurrentVersion = 1;
}
