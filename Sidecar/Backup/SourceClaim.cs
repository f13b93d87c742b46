using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Backup;

/// <summary>Keeps two databases from being backed up under one name.</summary>
internal static class SourceClaim
{
    /// <param name="known">The source as its newest backup describes it, or null.</param>
    /// <param name="file">The database that is to be backed up now.</param>
    /// <param name="isNamed">The user named the source, and so vouches for a database that was moved.</param>
    /// <exception cref="OperatorException">The name belongs to another database.</exception>
    public static void Ensure(ManifestSource? known, SourceFile file, bool isNamed)
    {
        if (known is null || known.Path == file.Path)
        {
            return;
        }

        if (!isNamed)
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"Source '{known.Name}' of this repository is {known.Path} on {known.Host}, not {file.Path}.",
                $"Name this database's source with --source: another name if it is another database, '{known.Name}' if it is the same one and was moved.");
        }

        if (FileIdentity.TryGet(known.Path, out var other) && !other.IsSameFileAs(file.Identity))
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"Source '{known.Name}' of this repository is {known.Path}, which still exists beside {file.Path}.",
                "Give each database a name of its own with --source.");
        }
    }
}
