using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>An answer's body that ends after some bytes: broken off, or as if it were whole.</summary>
internal sealed class TruncatingStream(Call call, long bytes, bool isClean) : CountingStream(call.Response.Body)
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (isClean && Count == 0)
        {
            // Without a length the end of the chunks is the end of the body.
            call.Response.ContentLength = null;
        }

        var left = (int)Math.Min(buffer.Length, bytes - Count);
        if (left > 0)
        {
            await base.WriteAsync(buffer[..left], cancellationToken);
        }

        if (left < buffer.Length && !isClean)
        {
            await FlushAsync(cancellationToken);
            throw new BrokenBodyException($"The answer is cut after {Count} bytes.");
        }
    }
}
