namespace BackupSidecar.Repository;

/// <summary>A pack as a listing shows it. <see cref="Length"/> is in bytes.</summary>
internal readonly record struct PackEntry(PackName Name, long Length);
