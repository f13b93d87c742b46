using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>A sidecar in a container.</summary>
/// <param name="name">Of the resource, and of the connection string.</param>
public sealed class BackupSidecarResource([ResourceName] string name) : ContainerResource(name), IBackupSidecarResource
{
    /// <inheritdoc/>
    public EndpointReference Monitor => new(this, SidecarResourceBuilder.MonitorEndpoint);

    /// <inheritdoc/>
    public EndpointReference HealthGrpc => new(this, SidecarResourceBuilder.GrpcEndpoint);

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => SidecarLayout.Of(this).ConnectionString(source: null);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() => SidecarLayout.Of(this).ConnectionProperties();
}
