namespace BackupSidecar.Compaction;

/// <summary>Counts bytes, and waits so that there are not more of them in a second than allowed.</summary>
/// <remarks>After a rest it starts anew: what was not used is not saved up.</remarks>
internal sealed class IoPace(long? bytesPerSecond, TimeProvider time)
{
    /// <summary>Shorter waits are put off: a timer costs more than they would save.</summary>
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(20);

    private long _freeAt = time.GetTimestamp();

    public long Bytes { get; private set; }

    public async ValueTask CountAsync(long bytes, CancellationToken ct)
    {
        Bytes += bytes;
        if (bytesPerSecond is not { } rate)
        {
            return;
        }

        var now = time.GetTimestamp();
        _freeAt = Math.Max(_freeAt, now) + (long)((double)bytes / rate * time.TimestampFrequency);
        var wait = time.GetElapsedTime(now, _freeAt);
        if (wait >= WaitMin)
        {
            await Task.Delay(wait, time, ct);
        }
    }
}
