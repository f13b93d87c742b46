namespace BackupSidecar.Writer;

/// <summary>One direction of a proxy: how long what passes is under way, and how much passes in a second.</summary>
internal sealed class ProxyLine(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _free;

    /// <summary>Of each byte.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>0: no limit.</summary>
    public long BytesPerSecond { get; set; }

    /// <summary>When what came now may leave, counted from the start.</summary>
    public TimeSpan DueNow => time.GetElapsedTime(_started) + Delay;

    public async Task WaitAsync(TimeSpan due)
    {
        if (due - time.GetElapsedTime(_started) is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time);
        }
    }

    public Task PassAsync(int bytes)
    {
        TimeSpan until;
        lock (_gate)
        {
            var now = time.GetElapsedTime(_started);
            _free = (_free > now ? _free : now) + (BytesPerSecond == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)bytes / BytesPerSecond));
            until = _free;
        }

        return WaitAsync(until);
    }
}
