using BackupSidecar.Primitives;

namespace BackupSidecar.Policies;

/// <summary>What compaction decides by.</summary>
/// <param name="Packs">In ascending order of the transactions that they lead to, then of timelines. Decisions name packs by their places here.</param>
/// <param name="Named">The positions that backups keep.</param>
/// <param name="Failed">Ends of merges that did not work, since a pack is damaged: they are not tried again, and what they would have replaced stays.</param>
/// <param name="Now">The time.</param>
internal sealed record CompactionState(
    IReadOnlyList<CompactionPack> Packs, IReadOnlySet<Position> Named, IReadOnlySet<(Position From, Position To)> Failed, DateTimeOffset Now);
