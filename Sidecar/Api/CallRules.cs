using System.Collections.Frozen;

namespace BackupSidecar.Api;

/// <summary>Who may call what. A method that does not stand here may be called by nobody.</summary>
internal static class CallRules
{
    private static readonly FrozenDictionary<string, CallerRole> Least = new Dictionary<string, CallerRole>
    {
        ["/backupsidecar.v1.StatusService/GetStatus"] = CallerRole.App,
        ["/backupsidecar.v1.StatusService/WatchStatus"] = CallerRole.App,
        ["/backupsidecar.v1.LifecycleService/EnsureDurable"] = CallerRole.App,
        ["/backupsidecar.v1.LifecycleService/PrepareDatabase"] = CallerRole.App,
        ["/backupsidecar.v1.LifecycleService/ConfirmHealthy"] = CallerRole.App,
        ["/backupsidecar.v1.LifecycleService/ExtendConfirmation"] = CallerRole.App,
        ["/backupsidecar.v1.LifecycleService/Watch"] = CallerRole.App,
        ["/backupsidecar.v1.RestoreService/ListRestorePoints"] = CallerRole.Operator,
        ["/backupsidecar.v1.RestoreService/PlanRestore"] = CallerRole.Operator,
        ["/backupsidecar.v1.RestoreService/StageRestore"] = CallerRole.Operator,
        ["/backupsidecar.v1.RestoreService/CancelRestore"] = CallerRole.Operator,
        ["/backupsidecar.v1.RestoreService/GetRestore"] = CallerRole.Operator,
        ["/backupsidecar.v1.RestoreService/WatchRestore"] = CallerRole.Operator,
        ["/backupsidecar.v1.RestoreService/UndoRestore"] = CallerRole.Operator,
        ["/backupsidecar.v1.BackupService/CreateBackup"] = CallerRole.Operator,
        ["/backupsidecar.v1.BackupService/ListBackups"] = CallerRole.Operator,
        ["/backupsidecar.v1.BackupService/GetBackup"] = CallerRole.Operator,
        ["/backupsidecar.v1.BackupService/UpdateBackup"] = CallerRole.Operator,
        ["/backupsidecar.v1.BackupService/DeleteBackup"] = CallerRole.Operator,
        ["/backupsidecar.v1.BackupService/UndeleteBackup"] = CallerRole.Operator,
        ["/backupsidecar.v1.BackupService/VerifyBackup"] = CallerRole.Operator,
        ["/backupsidecar.v1.ConfigurationService/GetConfiguration"] = CallerRole.Operator,
        ["/backupsidecar.v1.ConfigurationService/PauseSource"] = CallerRole.Operator,
        ["/backupsidecar.v1.ConfigurationService/ResumeSource"] = CallerRole.Operator,
        ["/backupsidecar.v1.ConfigurationService/WhoAmI"] = CallerRole.App,
        ["/grpc.health.v1.Health/Check"] = CallerRole.Monitor,
        ["/grpc.health.v1.Health/Watch"] = CallerRole.Monitor,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Methods => Least.Keys;

    public static bool MayCall(CallerRole role, string method) => role != CallerRole.Unspecified && Least.TryGetValue(method, out var least) && role >= least;
}
