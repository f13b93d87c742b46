using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>A sidecar that is built from its project and runs as a process of this machine, without a container runtime. Only while the app host runs; what is published is a container.</summary>
/// <param name="name">Of the resource, and of the connection string.</param>
public sealed class BackupSidecarProjectResource([ResourceName] string name) : ProjectResource(name), IBackupSidecarResource
{
    /// <inheritdoc/>
    public EndpointReference Monitor => new(this, SidecarResourceBuilder.MonitorEndpoint);

    /// <inheritdoc/>
    public EndpointReference HealthGrpc => new(this, SidecarResourceBuilder.GrpcEndpoint);

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => SidecarLayout.Of(this).ConnectionString(source: null);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() => SidecarLayout.Of(this).ConnectionProperties();
}
