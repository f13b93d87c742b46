namespace BackupSidecar.Repository;

/// <summary>Where a database lies.</summary>
/// <param name="Path">Absolute, symbolic links resolved.</param>
/// <param name="Host">For people.</param>
internal sealed record SourcePlace(string Path, string Host);
