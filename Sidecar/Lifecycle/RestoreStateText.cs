namespace BackupSidecar.Lifecycle;

/// <summary>The states in words, as commands and the status show them.</summary>
internal static class RestoreStateText
{
    public static string Of(RestoreState state) => state switch
    {
        RestoreState.Staging => "staging",
        RestoreState.Staged => "staged",
        RestoreState.Placing => "placing",
        RestoreState.Unconfirmed => "unconfirmed",
        RestoreState.Confirmed => "confirmed",
        RestoreState.RollbackPending => "rollback pending",
        RestoreState.RollingBack => "rolling back",
        RestoreState.RolledBack => "rolled back",
        RestoreState.Cancelled => "cancelled",
        RestoreState.Failed => "failed",
        RestoreState.Unspecified or _ => "unknown",
    };
}
