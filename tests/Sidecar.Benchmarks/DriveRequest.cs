namespace BackupSidecar.Benchmarks;

/// <summary>One call that the emulator got. A batch is one, and each call in it another.</summary>
/// <param name="Kind">As the emulator names it: <c>upload.chunk</c>, <c>files.download</c>.</param>
/// <param name="At">When it came.</param>
/// <param name="Took">Until its answer had left.</param>
/// <param name="Received">Bytes of its body.</param>
/// <param name="Sent">Bytes of the answer's body.</param>
internal sealed record DriveRequest(string Kind, DateTimeOffset At, TimeSpan Took, long Received, long Sent)
{
    public DateTimeOffset Ended => At + Took;
}
