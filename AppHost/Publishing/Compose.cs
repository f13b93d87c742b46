using Aspire.Hosting.Docker.Resources.ComposeNodes;
using BackupSidecar.AspireHosting;

namespace BackupSidecar.AppHost.Publishing;

/// <summary>Publishes to a compose file: <c>--Publisher=compose</c>. Compiled only with <c>-p:Publishers=true</c>.</summary>
internal static class Compose
{
    public static void AddTo(IDistributedApplicationBuilder builder, IResourceBuilder<IBackupSidecarResource> backup, IResourceBuilder<ContainerResource> app)
    {
        _ = builder.AddDockerComposeEnvironment("compose").WithDashboard(enabled: false);
        _ = backup.PublishAsDockerComposeService((_, service) =>
        {
            (service.Restart, service.ReadOnly, service.StopGracePeriod) = ("unless-stopped", true, "30s");
            service.CapDrop.Add("ALL");
            service.SecurityOpt.Add("no-new-privileges:true");
        });
        _ = app.PublishAsDockerComposeService((_, service) =>
        {
            // It ends with 75 when a restore waits. It is stopped before the sidecar, so that its last commits are captured.
            service.Restart = "on-failure";
            service.DependsOn[backup.Resource.Name] = new ServiceDependency { Condition = "service_started" };
        });
    }
}
