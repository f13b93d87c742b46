namespace BackupSidecar.Repository;

/// <summary>The source at the time of a backup: the path and host are for people.</summary>
internal sealed record ManifestSource(SourceId Id, string Name, string Path, string Host);
