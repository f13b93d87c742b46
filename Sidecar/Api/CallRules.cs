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
        ["/grpc.health.v1.Health/Check"] = CallerRole.App,
        ["/grpc.health.v1.Health/Watch"] = CallerRole.App,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Methods => Least.Keys;

    public static bool MayCall(CallerRole role, string method) => role != CallerRole.Unspecified && Least.TryGetValue(method, out var least) && role >= least;
}
