namespace BackupSidecar.EndToEnd.Proof;

/// <summary>A restore point is not what the database was, or does not come. What a proof of following looks for.</summary>
internal sealed class DivergenceException(string message) : Exception(message);
