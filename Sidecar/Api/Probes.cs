using BackupSidecar.Following;

namespace BackupSidecar.Api;

/// <summary>What the health checks of a container ask of a serve.</summary>
internal static class Probes
{
    /// <summary>It knows its sources and has looked at each database.</summary>
    /// <returns>Null: it has.</returns>
    public static string? Startup(ServeStatus status) =>
        status.Sources.Count == 0 ? "it does not know its sources yet" : status.Sources.Any(source => source.State == SourceState.Starting) ? "a source is starting" : null;

    /// <summary>It is not ending. A store that is down does not count: it would take the app beside out of service, and mend nothing.</summary>
    /// <returns>Null: it is not.</returns>
    public static string? Readiness(ServeStatus status) => status.IsEnding ? "it is ending" : null;

    /// <summary>It answers, and that is all: a restart would mend neither a store nor a database.</summary>
    public static string? Liveness(ServeStatus status) => null;
}
