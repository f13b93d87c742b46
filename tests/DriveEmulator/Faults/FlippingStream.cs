using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>A body in which one byte has its lowest bit turned.</summary>
internal sealed class FlippingStream(Stream inner, long offset) : CountingStream(inner)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var start = Count;
        var read = await base.ReadAsync(buffer, cancellationToken);
        if (offset >= start && offset < start + read)
        {
            buffer.Span[(int)(offset - start)] ^= 1;
        }

        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (offset >= Count && offset < Count + buffer.Length)
        {
            var flipped = buffer.ToArray();
            flipped[offset - Count] ^= 1;
            buffer = flipped;
        }

        await base.WriteAsync(buffer, cancellationToken);
    }
}
