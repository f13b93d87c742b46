using BackupSidecar.Repository;

namespace BackupSidecar.Tests.Proof;

/// <summary>A backup whose run ended well, and the database's bytes at that moment.</summary>
internal sealed record AcknowledgedBackup(BackupManifest Manifest, byte[] Database);
