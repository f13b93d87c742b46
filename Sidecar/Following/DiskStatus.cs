namespace BackupSidecar.Following;

/// <summary>A volume that backups depend on.</summary>
/// <param name="Path">A directory on it.</param>
/// <param name="Use">What for, such as "repository".</param>
/// <param name="FreeBytes">For this user.</param>
/// <param name="TotalBytes">Of the volume.</param>
/// <param name="FullAt">If it goes on filling as it did since the start; null: it does not fill, or that is not known yet.</param>
internal sealed record DiskStatus(string Path, string Use, long FreeBytes, long TotalBytes, DateTimeOffset? FullAt);
