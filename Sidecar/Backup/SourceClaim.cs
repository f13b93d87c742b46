using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Backup;

/// <summary>Keeps two databases from being stored under one name.</summary>
internal static class SourceClaim
{
    /// <summary>Registers the source if it is new, with this database.</summary>
    public static ValueTask<SourceRecord> RegisterAsync(BackupRepository repository, string? name, SourceFile file, CancellationToken ct) =>
        repository.RegisterSourceAsync(name ?? SourceName.FromFile(file.Path), new SourcePlace(file.Path, Environment.MachineName), ct);

    /// <param name="source">As it is registered.</param>
    /// <param name="previous">Its newest backup, or null.</param>
    /// <param name="file">The database that is to be stored now.</param>
    /// <param name="isNamed">The user named the source, and so vouches for a database that was moved.</param>
    /// <exception cref="OperatorException">The name belongs to another database.</exception>
    public static void Ensure(SourceRecord source, BackupManifest? previous, SourceFile file, bool isNamed)
    {
        var known = previous is null ? source.Place : new SourcePlace(previous.Source.Path, previous.Source.Host);
        if (known is null || known.Path == file.Path)
        {
            return;
        }

        if (!isNamed)
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"Source '{source.Name}' of this repository is {known.Path} on {known.Host}, not {file.Path}.",
                $"Name this database's source (--source, or name in the configuration): another name if it is another database, '{source.Name}' if it is the same one and was moved.");
        }

        if (FileIdentity.TryGet(known.Path, out var other) && !other.IsSameFileAs(file.Identity))
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"Source '{source.Name}' of this repository is {known.Path}, which still exists beside {file.Path}.",
                "Give each database a name of its own (--source, or name in the configuration).");
        }
    }
}
