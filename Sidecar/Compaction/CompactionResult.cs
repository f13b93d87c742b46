using BackupSidecar.Primitives;

namespace BackupSidecar.Compaction;

/// <summary>What a compaction did.</summary>
/// <param name="Merges">Packs that it published.</param>
/// <param name="FarMerges">Of these those for which the repository itself was read, although another one nearer might have had their packs.</param>
/// <param name="PacksMerged">Packs that these were made from.</param>
/// <param name="BytesRead">Of packs, by merges.</param>
/// <param name="BytesWritten">Of merged packs.</param>
/// <param name="PacksTombstoned">Packs that will be deleted when their grace is over.</param>
/// <param name="PacksDeleted">Packs whose grace was over.</param>
/// <param name="Doubts">What is damaged, missing or unknown. It was left alone, and so was what depends on it.</param>
/// <param name="Next">When there will be something to do if nothing is captured until then; null: never.</param>
internal sealed record CompactionResult(
    int Merges,
    int FarMerges,
    int PacksMerged,
    long BytesRead,
    long BytesWritten,
    int PacksTombstoned,
    int PacksDeleted,
    IReadOnlyList<OperatorException> Doubts,
    DateTimeOffset? Next);
