using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>What there is of a source, for those to whom nothing is an answer.</summary>
internal static class StoredCatalog
{
    /// <returns>Null: nothing is stored of a source of that name.</returns>
    /// <exception cref="OperatorException">The repository cannot be read, or it holds backups whose source is not known.</exception>
    public static async ValueTask<SourceCatalog?> TryReadCatalogAsync(this IRepositoryReader repository, string source, CancellationToken ct)
    {
        var names = await repository.ListSourceNamesAsync(ct);
        if (names.Contains(source))
        {
            var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync(source, ct), ct);
            return catalog.NewestListed is null ? null : catalog;
        }

        return await repository.FindLostRecordsAsync(ct) is { Count: > 0 } lost ? throw lost.ToFailure($"{repository.Location} has no source '{source}', but it") : null;
    }
}
