using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>A request's body that breaks off after some bytes, as if the connection had been cut there.</summary>
internal sealed class BreakingStream(Stream inner, long bytes) : CountingStream(inner)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var left = bytes - Count;
        var read = left > 0 ? await base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, left)], cancellationToken) : 0;
        return read > 0 ? read : throw new BrokenBodyException($"The connection is cut after {Count} bytes.");
    }
}
