using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Backup;

/// <summary>A backup that exists: its manifest is published.</summary>
/// <param name="Manifest">What was published.</param>
/// <param name="NewTimelineReason">Why a new timeline began, or null.</param>
/// <param name="Reading">How the database was read, for people.</param>
/// <param name="Warnings">What makes the source doubtful, such as its file system.</param>
/// <param name="Doubts">What is wrong with older backups in the repository. This one does not depend on it.</param>
internal sealed record BackupResult(
    BackupManifest Manifest,
    string? NewTimelineReason,
    string Reading,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<OperatorException> Doubts);
