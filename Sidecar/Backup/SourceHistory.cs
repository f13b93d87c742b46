using BackupSidecar.Primitives;

namespace BackupSidecar.Backup;

/// <summary>What other repositories know of a source that is new to this one.</summary>
/// <param name="Id">The one that it has there.</param>
/// <param name="Newest">The largest number of a position that may have been used.</param>
internal sealed record SourceHistory(SourceId Id, TransactionId Newest);
