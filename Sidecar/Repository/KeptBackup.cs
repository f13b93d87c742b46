using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>A backup as it stands now: what its manifest says, and what was said of it since.</summary>
/// <param name="Entry">Its manifest, as a listing shows it.</param>
/// <param name="Manifest">Null: it is damaged.</param>
/// <param name="Mark">What was said last; null: nothing was.</param>
/// <param name="Labels">As they are now; those of a damaged manifest or mark are not known.</param>
/// <param name="IsRestorable">False if a pack on the way to its position is missing, or its manifest is damaged.</param>
/// <param name="Problem">Its manifest or its mark is damaged; null: both are whole.</param>
internal sealed record KeptBackup(ManifestEntry Entry, BackupManifest? Manifest, BackupMarkName? Mark, IReadOnlyList<string> Labels, bool IsRestorable, OperatorException? Problem)
{
    public BackupId Id => Entry.Name.Backup;

    public bool IsPinned => Mark?.State == BackupMarkState.Pinned;

    /// <summary>Null: it is not deleted.</summary>
    public DateTimeOffset? DeletedAt => Mark is { State: BackupMarkState.Deleted } mark ? mark.SetAt : null;

    /// <exception cref="OperatorException">The repository cannot be read.</exception>
    public static async ValueTask<KeptBackup> ReadAsync(IRepositoryReader repository, SourceCatalog catalog, ManifestEntry entry, CancellationToken ct)
    {
        try
        {
            return await ReadOnceAsync(repository, catalog, entry, ct);
        }
        catch (ObjectMissingException)
        {
            // Somebody said something of it, or ended it, since the catalog was read.
            return await ReadOnceAsync(repository, await repository.ReadCatalogAsync(catalog.Source, ct), entry, ct);
        }
    }

    /// <summary>The labels of a backup as they are now.</summary>
    /// <exception cref="OperatorException">What they stand in is damaged.</exception>
    public static async ValueTask<IReadOnlyList<string>> ReadLabelsAsync(IRepositoryReader repository, SourceCatalog catalog, ManifestEntry entry, CancellationToken ct)
    {
        var backup = await ReadAsync(repository, catalog, entry, ct);
        return backup.Problem is { } problem ? throw problem : backup.Labels;
    }

    private static async ValueTask<KeptBackup> ReadOnceAsync(IRepositoryReader repository, SourceCatalog catalog, ManifestEntry entry, CancellationToken ct)
    {
        OperatorException? problem = null;
        BackupManifest? manifest = null;
        IReadOnlyList<string>? labels = null;
        var mark = catalog.MarkOf(entry.Name.Backup);
        try
        {
            manifest = await repository.ReadManifestAsync(entry, ct);
            labels = mark is { } name ? (await repository.ReadMarkAsync(name, ct)).Labels : manifest.Labels;
        }
        catch (Exception e) when (e is ManifestFormatException or DocumentFormatException)
        {
            problem = (OperatorException)e;
        }

        return new KeptBackup(entry, manifest, mark, labels ?? manifest?.Labels ?? [], manifest is not null && catalog.CanReach(entry.Name.Position), problem);
    }
}
