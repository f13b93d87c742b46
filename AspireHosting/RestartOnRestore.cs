using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>The app is started again when it ends because a restore waits.</summary>
/// <param name="sidecar">That restores.</param>
internal sealed class RestartOnRestore(IBackupSidecarResource sidecar) : IResourceAnnotation
{
    public IBackupSidecarResource Sidecar => sidecar;
}
