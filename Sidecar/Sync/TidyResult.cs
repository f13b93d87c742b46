using BackupSidecar.Compaction;

namespace BackupSidecar.Sync;

/// <summary>What was done for what is stored in a remote repository already.</summary>
/// <param name="Compaction">Null: nothing was due.</param>
/// <param name="BackupsEnded">Deleted ones whose grace was over.</param>
/// <param name="Next">When there is something to do again if nothing is put until then; null: never.</param>
internal sealed record TidyResult(CompactionResult? Compaction, int BackupsEnded, DateTimeOffset? Next);
