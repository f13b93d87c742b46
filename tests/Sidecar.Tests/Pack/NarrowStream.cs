namespace BackupSidecar.Tests.Pack;

/// <summary>Takes so many bytes, then has no room, as a full disk.</summary>
internal sealed class NarrowStream(long room) : MemoryStream
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Length + buffer.Length > room ? throw new IOException("No space left on device") : base.WriteAsync(buffer, cancellationToken);
}
