using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>A folder of the sidecar: a directory of this machine, or a volume.</summary>
/// <param name="ContainerPath">Where containers mount it.</param>
/// <param name="VolumeName">Of the volume, where it is one; in what is published it always is.</param>
/// <param name="HostPath">Absolute; null: it is a volume while the app host runs, too.</param>
internal sealed record SidecarPlace(string ContainerPath, string VolumeName, string? HostPath)
{
    /// <param name="isPublished">Directories of this machine mean nothing there.</param>
    public ContainerMountAnnotation Mount(bool isPublished) => isPublished || HostPath is null
        ? new ContainerMountAnnotation(VolumeName, ContainerPath, ContainerMountType.Volume, isReadOnly: false)
        : new ContainerMountAnnotation(HostPath, ContainerPath, ContainerMountType.BindMount, isReadOnly: false);

    public PlacedPath Of(string name, bool isPublished) => new(HostPath is null ? null : Path.Combine(HostPath, name), $"{ContainerPath}/{name}", isPublished);

    public PlacedPath Itself(bool isPublished) => new(HostPath, ContainerPath, isPublished);
}
