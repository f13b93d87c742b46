namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>One direction of a slow line: what passes takes its time, one after the other, however many pass it.</summary>
internal sealed class Link(long bytesPerSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();

    /// <summary>When the line is free again, counted from the start.</summary>
    private TimeSpan _free;

    /// <summary>Bytes that pass at once: a twentieth of a second's.</summary>
    public int SliceBytes { get; } = (int)Math.Clamp(bytesPerSecond / 20, 1, 1 << 20);

    /// <summary>Until so many bytes have passed.</summary>
    public async Task PassAsync(int bytes, CancellationToken ct)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetElapsedTime(_started);
            _free = (_free > now ? _free : now) + TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
            wait = _free - now;
        }

        if (wait > TimeSpan.FromMilliseconds(1))
        {
            await Task.Delay(wait, time, ct);
        }
    }
}
