using BackupSidecar.Pack;
using BackupSidecar.Primitives;

namespace BackupSidecar.Chain;

/// <summary>A block of a pack, and those of its pages that no newer pack of the chain holds. <see cref="Chosen"/> is never empty.</summary>
internal sealed record ChosenBlock(PackReader Pack, BlockEntry Entry, IReadOnlyList<ChosenRun> Chosen)
{
    public int PageSizeBytes => Entry.RawLength / Entry.Hashes.Length;

    public ReadOnlySpan<PageHash> HashesOf(ChosenRun run) => Entry.Hashes.AsSpan(run.Index, (int)run.Pages.Count);
}
