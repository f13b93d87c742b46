namespace BackupSidecar.Repository;

/// <summary>Packs that nothing needs any more and that are about to go. They may still be read, and some of them may be gone already.</summary>
internal sealed record Tombstone(TombstoneName Name, IReadOnlyList<PackName> Packs)
{
    /// <summary>Packs of one tombstone, at most: its document stays small. More packs get several tombstones.</summary>
    public const int PacksMax = 1000;
}
