namespace BackupSidecar.DriveEmulator.Http;

/// <summary>A body breaks off, as a fault or a client wants it; the connection is cut.</summary>
internal sealed class BrokenBodyException(string message) : IOException(message);
