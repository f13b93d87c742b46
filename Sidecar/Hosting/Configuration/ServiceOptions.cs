using System.Net;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>How apps and operators reach the service.</summary>
internal sealed record ServiceOptions
{
    /// <summary>The largest group id: the one above it means "none" to the system.</summary>
    public const long GroupMax = uint.MaxValue - 1;

    /// <summary>Absolute; null: in the state directory.</summary>
    public string? AppSocket { get; init; }

    /// <summary>Null: the group that the process has.</summary>
    public long? AppSocketGroup { get; init; }

    /// <summary>A loopback address for operators; null: none.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>A loopback address for operators in browsers; null: none.</summary>
    public IPEndPoint? GrpcWebListen { get; init; }

    /// <summary>What proves an operator at those addresses; absolute. Null: none of them is configured.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Any address, for probes and metrics; null: none.</summary>
    public IPEndPoint? MonitorListen { get; init; }

    /// <summary>Any address, for the standard health protocol; null: none.</summary>
    public IPEndPoint? MonitorGrpcListen { get; init; }

    /// <summary>Metrics name the sources.</summary>
    public bool MonitorNames { get; init; }
}
