using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>A body that passes no more than some bytes in a second, in slices of a twentieth of one.</summary>
internal sealed class SlowStream(Stream inner, long bytesPerSecond, TimeProvider time) : CountingStream(inner)
{
    private readonly int _slice = (int)Math.Clamp(bytesPerSecond / 20, 1, 1 << 20);
    private long? _started;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await WaitAsync(cancellationToken);
        return await base.ReadAsync(buffer[..Math.Min(buffer.Length, _slice)], cancellationToken);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            await WaitAsync(cancellationToken);
            var slice = Math.Min(buffer.Length, _slice);
            await base.WriteAsync(buffer[..slice], cancellationToken);
            buffer = buffer[slice..];
        }
    }

    /// <summary>Until what has passed so far may have passed.</summary>
    private async Task WaitAsync(CancellationToken ct)
    {
        _started ??= time.GetTimestamp();
        var due = TimeSpan.FromSeconds((double)Count / bytesPerSecond) - time.GetElapsedTime(_started.Value);
        if (due > TimeSpan.Zero)
        {
            await Task.Delay(due, time, ct);
        }
    }
}
