namespace BackupSidecar.Repository;

/// <summary>A repository to those who must not change it. Nothing here takes a lock or creates anything; errors are operator exceptions.</summary>
internal interface IRepositoryReader
{
    RepositoryId Id { get; }

    /// <summary>How messages name the repository, such as its path.</summary>
    string Location { get; }

    /// <summary>All sources, by name.</summary>
    ValueTask<IReadOnlyList<SourceRecord>> ListSourcesAsync(CancellationToken ct);

    /// <summary>The names of all sources, in order, without reading their records: one that is damaged does not hide the others.</summary>
    ValueTask<IReadOnlyList<string>> ListSourceNamesAsync(CancellationToken ct);

    /// <summary>The sources that packs or manifests are stored of, whether or not a record names them.</summary>
    ValueTask<IReadOnlySet<SourceId>> ListStoredSourcesAsync(CancellationToken ct);

    /// <param name="name">Null: the only one there is.</param>
    /// <exception cref="Primitives.OperatorException">There is no such source, or several and none was named; the message lists them.</exception>
    ValueTask<SourceRecord> FindSourceAsync(string? name, CancellationToken ct);

    /// <summary>Lists what there is of a source. Manifests are listed first, so that the packs of every manifest that is seen are seen too; then marks and tombstones, then packs.</summary>
    ValueTask<SourceCatalog> ReadCatalogAsync(SourceRecord source, CancellationToken ct);

    /// <exception cref="ManifestFormatException">The content is not what its name promises.</exception>
    ValueTask<BackupManifest> ReadManifestAsync(ManifestEntry entry, CancellationToken ct);

    /// <exception cref="DocumentFormatException">The content is not what its name promises.</exception>
    ValueTask<BackupMark> ReadMarkAsync(BackupMarkName name, CancellationToken ct);

    ValueTask<IPackObject> OpenPackAsync(PackName name, CancellationToken ct);
}
