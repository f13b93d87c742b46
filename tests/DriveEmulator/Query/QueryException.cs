namespace BackupSidecar.DriveEmulator.Query;

/// <summary>A query that cannot be read from some character on.</summary>
internal sealed class QueryException(int position) : Exception($"The query cannot be read from character {position} on.");
