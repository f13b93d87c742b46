using BackupSidecar.Primitives;

namespace BackupSidecar.Policies;

/// <summary>A pack, as far as compaction decides by it.</summary>
/// <param name="From"><see cref="Position.None"/>: a full.</param>
/// <param name="To">Where it leads to; always a larger transaction than <paramref name="From"/>.</param>
/// <param name="CapturedAt">When <paramref name="To"/> was captured; a merged pack has the time of its last capture.</param>
/// <param name="Length">Bytes.</param>
/// <param name="IsTombstoned">It is about to go: it is neither merged nor counted on.</param>
internal readonly record struct CompactionPack(Position From, Position To, DateTimeOffset CapturedAt, long Length, bool IsTombstoned)
{
    public bool IsFull => From.IsNone;
}
