namespace BackupSidecar.Hosting.Serve;

/// <summary>The file of the paused sources.</summary>
/// <param name="Sources">By name: since when.</param>
internal sealed record PausedRecord(Dictionary<string, DateTimeOffset> Sources);
