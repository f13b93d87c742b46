using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>How far a writer has come, as it says under its lease: whatever it has put with this number, or a smaller one, is acknowledged.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Newest">The newest position of each source that it, or a writer before it, has fed.</param>
internal sealed record LeaseAnnouncement(long Number, IReadOnlyDictionary<SourceId, Position> Newest);
