using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Repository;

namespace BackupSidecar.Restore;

/// <summary>Turns what a person asked for into packs. Reads names, one manifest and one header.</summary>
internal static class RestorePlanner
{
    /// <exception cref="Primitives.OperatorException">There is no such restore point, or a pack on the way to it is missing.</exception>
    public static async ValueTask<RestorePlan> PlanAsync(IRepositoryReader repository, string? sourceName, RestoreChoice choice, CancellationToken ct)
    {
        var source = await repository.FindSourceAsync(sourceName, ct);
        var catalog = await repository.ReadCatalogAsync(source, ct);
        var point = await SelectAsync(repository, catalog, choice, ct);
        var chain = catalog.ChainTo(point.Position);
        await using var reader = await ChainReader.OpenAsync(repository, chain, ct);
        if (point.Backup is { } backup)
        {
            EnsureVouchedFor(await repository.ReadManifestAsync(backup, ct), reader);
        }

        return new RestorePlan(source, point, chain, reader.Shape, reader.Fingerprint);
    }

    private static async ValueTask<RestorePoint> SelectAsync(IRepositoryReader repository, SourceCatalog catalog, RestoreChoice choice, CancellationToken ct)
    {
        var selector = new RestorePointSelector(catalog);
        return choice switch
        {
            { Backup: { } backup } => selector.ByBackup(backup),
            { Label: { } label } => await selector.ByLabelAsync(label, (entry, stop) => KeptBackup.ReadLabelsAsync(repository, catalog, entry, stop), ct),
            { Position: { } position } => selector.ByPosition(position),
            { At: { } at } => selector.ByTime(at),
            _ => selector.Newest(),
        };
    }

    private static void EnsureVouchedFor(BackupManifest manifest, ChainReader reader)
    {
        if (manifest.Fingerprint != reader.Fingerprint || manifest.Shape != reader.Shape)
        {
            throw new PackFormatException(
                reader.Tip.Name,
                $"it ends with fingerprint {reader.Fingerprint} and {reader.Shape.PageCount} pages, but backup {manifest.BackupId} says {manifest.Fingerprint} and {manifest.Shape.PageCount}");
        }
    }
}
