namespace BackupSidecar.Repository;

/// <summary>Something that was published or deleted since a catalog was listed: <see cref="SourceCatalog.Apply"/> follows it without listing again.</summary>
internal abstract record CatalogChange
{
    private CatalogChange()
    {
    }

    public sealed record PackAdded(PackEntry Pack) : CatalogChange;

    public sealed record ManifestAdded(ManifestEntry Manifest) : CatalogChange;

    public sealed record MarkAdded(BackupMarkName Mark) : CatalogChange;

    public sealed record TombstoneAdded(Tombstone Tombstone) : CatalogChange;

    /// <summary>A tombstone is gone.</summary>
    /// <param name="Tombstone">Which one.</param>
    /// <param name="IsSwept">True: its packs are gone too. False: it was withdrawn, and they stay.</param>
    public sealed record TombstoneEnded(Tombstone Tombstone, bool IsSwept) : CatalogChange;
}
