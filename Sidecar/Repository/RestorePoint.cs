using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A position that can be asked for, and the time it stands for: of the capture, or of the backup that keeps it.</summary>
internal sealed record RestorePoint(Position Position, DateTimeOffset Time, ManifestEntry? Backup);
