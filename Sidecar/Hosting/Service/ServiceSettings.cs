using System.Net;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;

namespace BackupSidecar.Hosting.Service;

/// <summary>Where the service listens.</summary>
internal sealed record ServiceSettings
{
    /// <summary>An absolute path; its owner may do everything.</summary>
    public required string OperatorSocket { get; init; }

    /// <summary>An absolute path; owner and group may do what an app may.</summary>
    public required string AppSocket { get; init; }

    /// <summary>Null: the group that a new file has.</summary>
    public uint? AppSocketGroup { get; init; }

    /// <summary>Loopback; whoever has the token may do everything. Null: none.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>The same by gRPC-Web over HTTP/1.1.</summary>
    public IPEndPoint? GrpcWebListen { get; init; }

    /// <summary>Of the two above; null: neither is there.</summary>
    public AccessToken? Token { get; init; }

    /// <summary>Anybody may probe and read metrics; null: nobody.</summary>
    public IPEndPoint? MonitorListen { get; init; }

    /// <summary>Anybody may ask for the health of the process; null: nobody.</summary>
    public IPEndPoint? MonitorGrpcListen { get; init; }

    public bool MonitorNames { get; init; }

    /// <exception cref="OperatorException">A path is longer than the system allows, or the token cannot be read or is none.</exception>
    public static ServiceSettings Of(string stateDirectory, ServiceOptions options) => new()
    {
        OperatorSocket = SocketPath.ForOperators(stateDirectory),
        AppSocket = SocketPath.ForApp(stateDirectory, options.AppSocket),
        AppSocketGroup = (uint?)options.AppSocketGroup,
        Listen = options.Listen,
        GrpcWebListen = options.GrpcWebListen,
        Token = options.Listen is null && options.GrpcWebListen is null ? null : AccessToken.Read(options.TokenFile!),
        MonitorListen = options.MonitorListen,
        MonitorGrpcListen = options.MonitorGrpcListen,
        MonitorNames = options.MonitorNames,
    };
}
