namespace BackupSidecar.DriveEmulator.Http;

/// <summary>One request in the log.</summary>
/// <param name="Number">Counts up from 1.</param>
/// <param name="Path">With the query, without secrets.</param>
/// <param name="Status">0: no answer, the connection was cut or is still open.</param>
/// <param name="ReceivedBytes">Of its body.</param>
/// <param name="SentBytes">Of the answer's body.</param>
/// <param name="Fault">What a fault rule did to it, or null.</param>
public sealed record RequestEntry(
    long Number, DateTimeOffset Time, string Method, string Kind, string Path, int Status, long ReceivedBytes, long SentBytes, int Units, double Milliseconds, string? Account, string? Client, string? Fault);
