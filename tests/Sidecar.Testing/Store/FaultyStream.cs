using BackupSidecar.Primitives;

namespace BackupSidecar.Testing.Store;

/// <summary>Staged content whose writes are store calls; a fault in the middle of one leaves half of it written.</summary>
internal sealed class FaultyStream(ObjectName name, Stream inner, FaultyStore store) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => inner.Position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await store.CallAsync(
        $"write {name}",
        async () =>
        {
            await inner.WriteAsync(buffer, cancellationToken);
            return true;
        },
        half: () => inner.WriteAsync(buffer[..(buffer.Length / 2)], cancellationToken));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
