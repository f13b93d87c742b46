namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Where a lease stands in Drive, and which ids its neighbours have. None of it ever changes.</summary>
/// <param name="Number">Of the lease.</param>
/// <param name="Id">Of its file.</param>
/// <param name="PreviousId">Of the lease before; null for the first.</param>
/// <param name="NextId">Under which the lease after it is created, if ever.</param>
internal sealed record LeaseFile(long Number, string Id, string? PreviousId, string NextId);
