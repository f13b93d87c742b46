using BackupSidecar.Restore.Swap;
using BackupSidecar.Source;

namespace BackupSidecar.Lifecycle;

/// <summary>Whether an app has a database in WAL mode open. This process must have none of its files open.</summary>
/// <remarks>With a rollback journal an idle app holds no lock: there the swap itself asks who has the file open.</remarks>
internal static class AttachedApps
{
    public static bool AreThereAny(string path) =>
        FileFacts.Of(path + SourceFile.ShmSuffix) is not null && FileFacts.Of(path) is not null && AttachmentProbe.IsAnyAttached(SourceFile.Resolve(path));
}
