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

        var known = (await repository.ListSourcesAsync(ct)).Select(record => record.Id).ToHashSet();
        var nameless = (await repository.ListStoredSourcesAsync(ct)).Where(id => !known.Contains(id)).ToList();
        return nameless.Count == 0 ? null : throw new OperatorException(
            FailureKind.VerificationFailed,
            $"{repository.Location} has no source '{source}', but it holds backups of a source whose name is lost: {string.Join(", ", nameless)}. They may be those of '{source}'.",
            $"Bring back the file 'sources/{source}.json' from a copy of the repository, or have 'verify' show what is stored.");
    }
}
