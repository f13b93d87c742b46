namespace BackupSidecar.Ledger;

/// <summary>The kinds of runs in words.</summary>
internal static class RunKindText
{
    public static string Of(RunKind kind) => kind switch
    {
        RunKind.Backup => "backup",
        RunKind.Drill => "drill",
        RunKind.Unspecified or _ => "run",
    };

    public static RunKind Parse(string text) => text switch
    {
        "backup" => RunKind.Backup,
        "drill" => RunKind.Drill,
        _ => RunKind.Unspecified,
    };
}
