using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>A body that passes a slow line.</summary>
internal sealed class SlowStream(Stream inner, Link link) : CountingStream(inner)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer[..Math.Min(buffer.Length, link.SliceBytes)], cancellationToken);
        await link.PassAsync(read, cancellationToken);
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var slice = Math.Min(buffer.Length, link.SliceBytes);
            await link.PassAsync(slice, cancellationToken);
            await base.WriteAsync(buffer[..slice], cancellationToken);
            buffer = buffer[slice..];
        }
    }
}
