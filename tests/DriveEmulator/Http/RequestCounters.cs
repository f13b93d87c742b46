namespace BackupSidecar.DriveEmulator.Http;

/// <summary>Sums of all requests since the start, or since they were cleared. Bytes are those of bodies.</summary>
/// <param name="ByKind">Counted when a request comes in.</param>
/// <param name="ByStatus">Counted when it is answered; 0: the connection was cut.</param>
public sealed record RequestCounters(
    long Requests, long Units, long ReceivedBytes, long SentBytes, long Faults, IReadOnlyDictionary<string, long> ByKind, IReadOnlyDictionary<int, long> ByStatus);
