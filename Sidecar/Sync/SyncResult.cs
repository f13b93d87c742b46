using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Sync;

/// <summary>What one run did for one source.</summary>
/// <param name="Position">The newest local position that could be rebuilt when it began, which is restorable from the remote repository now; null: there is none.</param>
/// <param name="Packs">Packs that were put there.</param>
/// <param name="Bytes">Of these packs.</param>
/// <param name="Backups">Backups whose manifests were put there.</param>
/// <param name="Marks">Labels, pins and deletions that were put there.</param>
internal sealed record SyncResult(Position? Position, int Packs, long Bytes, int Backups, int Marks)
{
    public static SyncResult Nothing { get; } = new(null, 0, 0, 0, 0);

    /// <summary>Something acknowledged that is not there any more, the first time that it is missed.</summary>
    public OperatorException? Doubt { get; init; }

    /// <summary>The newest position that is stored locally cannot be rebuilt, so that an older one is the newest that could be put; null: it can.</summary>
    public TimelineGapException? Gap { get; init; }

    public bool DidAnything => Packs + Backups + Marks > 0;
}
