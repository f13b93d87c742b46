using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Backup;

/// <summary>Keeps two databases from being stored under one name.</summary>
internal static class SourceClaim
{
    /// <summary>Registers the source if it is new, with this database. One that other repositories know goes on there under its id and after its numbers.</summary>
    public static async ValueTask<SourceRecord> RegisterAsync(BackupRepository repository, BackupOptions options, SourceFile file, CancellationToken ct)
    {
        var name = options.SourceName ?? SourceName.FromFile(file.Path);
        var record = new SourceRecord(SourceId.New(), name, new SourcePlace(file.Path, Environment.MachineName));
        if (options.HistoryElsewhereAsync is { } ask && !(await repository.ListSourceNamesAsync(ct)).Contains(name) && await ask(name, ct) is { } history)
        {
            record = record with { Id = history.Id, NumbersAfter = history.Newest };
        }

        return await repository.RegisterSourceAsync(record, ct);
    }

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
