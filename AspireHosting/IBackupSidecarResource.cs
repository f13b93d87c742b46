using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>
/// A sidecar in the app model: a container (<see cref="BackupSidecarResource"/>) or, while the app host runs, a project of this solution (<see cref="BackupSidecarProjectResource"/>). Its connection string is <c>Endpoint=unix:PATH</c>, the socket for
/// the app, as the resource that asks sees it.
/// </summary>
public interface IBackupSidecarResource : IResourceWithConnectionString, IResourceWithServiceDiscovery, IResourceWithEnvironment, IResourceWithArgs, IResourceWithWaitSupport, IComputeResource
{
    /// <summary>HTTP/1.1: <c>/livez</c>, <c>/readyz</c>, <c>/startupz</c> and <c>/metrics</c>. Whoever can reach it can ask; nothing there changes anything.</summary>
    EndpointReference Monitor { get; }

    /// <summary>gRPC over HTTP/2 without TLS: <c>grpc.health.v1.Health</c> of the process, and nothing else. Everything else goes through Unix sockets.</summary>
    EndpointReference HealthGrpc { get; }
}
