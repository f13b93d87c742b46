namespace BackupSidecar.Repository;

/// <summary>A manifest as a listing shows it; its content is read by <see cref="IRepositoryReader.ReadManifestAsync"/>. <see cref="Length"/> is in bytes.</summary>
internal readonly record struct ManifestEntry(ManifestName Name, long Length);
