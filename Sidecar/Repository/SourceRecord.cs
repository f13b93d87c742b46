namespace BackupSidecar.Repository;

/// <summary>A protected database as the repository knows it. Its name is unique there and never changes its id.</summary>
internal sealed record SourceRecord(SourceId Id, string Name);
