using BackupSidecar.Following;

namespace BackupSidecar.Api;

/// <summary>What the health checks of a container ask of a serve. That it lives is told by its answer alone: a restart would mend neither a store nor a database.</summary>
internal static class Probes
{
    /// <summary>It knows its sources, of which there may be none yet, and has looked at each database.</summary>
    /// <returns>Null: it has.</returns>
    public static string? Startup(bool isResolved, IEnumerable<SourceStatus> sources) =>
        !isResolved ? "it does not know its sources yet" : sources.Any(source => source.State == SourceState.Starting) ? "a source is starting" : null;

    /// <summary>It is not ending. A store that is down does not count: that would take the app beside out of service, and mend nothing.</summary>
    /// <returns>Null: it is not.</returns>
    public static string? Readiness(bool isEnding) => isEnding ? "it is ending" : null;
}
