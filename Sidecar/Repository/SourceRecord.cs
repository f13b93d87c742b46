namespace BackupSidecar.Repository;

/// <summary>A protected database as the repository knows it. Its name is unique there and never changes its id.</summary>
/// <param name="Id">Its packs are under it.</param>
/// <param name="Name">Given once.</param>
/// <param name="Place">Where the database was that took the name; null: recorded before version 2.</param>
internal sealed record SourceRecord(SourceId Id, string Name, SourcePlace? Place = null);
