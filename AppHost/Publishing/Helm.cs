using Aspire.Hosting.Kubernetes.Resources;
using BackupSidecar.AspireHosting;

namespace BackupSidecar.AppHost.Publishing;

/// <summary>Publishes to a Helm chart: <c>--Publisher=helm</c>. Compiled only with <c>-p:Publishers=true</c>. The charts in helm/ offer more; this is the same pod.</summary>
internal static class Helm
{
    /// <summary>Tells the pods of one resource from those of another.</summary>
    private const string ComponentLabel = "app.kubernetes.io/component";

    /// <summary>Of the images' user.</summary>
    private const long Group = 1654;

    public static void AddTo(IDistributedApplicationBuilder builder, IResourceBuilder<IBackupSidecarResource> backup, IResourceBuilder<ContainerResource> app)
    {
        var cluster = builder.AddKubernetesEnvironment("k8s").WithDashboard(enabled: false);

        // A volume without a claim would be an empty directory, which ends with its pod; for the folder of the socket that is right.
        var data = cluster.AddPersistentVolume("backup-data").WithCapacity("1Gi");
        _ = app.WithPersistentVolume(data);
        _ = backup.WithPersistentVolume(data);
        foreach (var name in (string[])["backup-backups", "backup-state"])
        {
            _ = backup.WithPersistentVolume(cluster.AddPersistentVolume(name).WithCapacity("1Gi"));
        }

        // SQLite's locks need one machine: the sidecar moves into the pod of the app, in front of it and beside it, and ends after it.
        PodSpecV1? sidecar = null;
        _ = backup.PublishAsKubernetesService(resource =>
        {
            sidecar = resource.Workload?.PodTemplate.Spec;
            resource.Workload = null;
            if (resource.Service is { } service)
            {
                service.Spec.Selector[ComponentLabel] = app.Resource.Name;
            }
        });
        _ = app.PublishAsKubernetesService(resource =>
        {
            if (sidecar is not { Containers: [var container] } || resource.Workload is not { } workload)
            {
                throw new InvalidOperationException("The sidecar is published before the app, whose pod it joins: add it to the app host before the app.");
            }

            container.RestartPolicy = "Always";
            container.SecurityContext = new SecurityContextV1 { ReadOnlyRootFilesystem = true, AllowPrivilegeEscalation = false, RunAsNonRoot = true, Capabilities = new CapabilitiesV1 { Drop = { "ALL" } } };
            var pod = workload.PodTemplate.Spec;
            pod.InitContainers.Add(container);
            pod.Volumes.AddRange(sidecar.Volumes.Where(volume => pod.Volumes.All(known => known.Name != volume.Name)));
            pod.SecurityContext = new PodSecurityContextV1 { FsGroup = Group };
        });
    }
}
