using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>An answer's body that lets its first byte wait.</summary>
internal sealed class LateStream(Stream inner, TimeSpan wait, TimeProvider time) : CountingStream(inner)
{
    private bool _hasWaited;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await WaitAsync(cancellationToken);
        await base.WriteAsync(buffer, cancellationToken);
    }

    /// <summary>For an answer without a body, before it ends.</summary>
    public async Task WaitAsync(CancellationToken ct)
    {
        if (!_hasWaited)
        {
            _hasWaited = true;
            await Task.Delay(wait, time, ct);
        }
    }
}
