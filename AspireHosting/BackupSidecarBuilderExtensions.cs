using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>What an app host calls to have a sidecar.</summary>
public static class BackupSidecarBuilderExtensions
{
    /// <summary>Adds a sidecar as a container. It follows the databases that <see cref="BackupSidecarResourceExtensions.WithDatabase"/> adds; an app gets it by <see cref="BackupSidecarAppExtensions.WithBackupSidecar"/>.</summary>
    /// <param name="builder">Of the app host.</param>
    /// <param name="name">Of the resource and of its connection string. An app finds it by itself if it is <c>backup</c>.</param>
    /// <param name="image">The image; none is published, so it is built from this repository or lies in a registry of yours. Default: <c>backup-sidecar</c>.</param>
    /// <param name="tag">Of the image. Default: <c>latest</c>.</param>
    public static IResourceBuilder<IBackupSidecarResource> AddBackupSidecar(this IDistributedApplicationBuilder builder, [ResourceName] string name, string? image = null, string? tag = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return SidecarResourceBuilder.AddContainer(builder, name, image ?? SidecarNames.Image, tag ?? SidecarNames.ImageTag);
    }

    /// <summary>
    /// Adds a sidecar that is built from its project and runs as a process of this machine, which needs Linux with glibc and no container runtime. What is published is the container of <see cref="AddBackupSidecar"/>.
    /// </summary>
    /// <typeparam name="TProject">The sidecar's project: <c>Projects.Sidecar</c> where the app host refers to it.</typeparam>
    /// <param name="builder">Of the app host.</param>
    /// <param name="name">Of the resource and of its connection string. An app finds it by itself if it is <c>backup</c>.</param>
    /// <param name="image">Of the container that is published. Default: <c>backup-sidecar</c>.</param>
    /// <param name="tag">Of the image. Default: <c>latest</c>.</param>
    public static IResourceBuilder<IBackupSidecarResource> AddBackupSidecarProject<TProject>(this IDistributedApplicationBuilder builder, [ResourceName] string name, string? image = null, string? tag = null)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder.ExecutionContext.IsPublishMode
            ? builder.AddBackupSidecar(name, image, tag)
            : SidecarResourceBuilder.AddProject(builder, name, new TProject());
    }
}
