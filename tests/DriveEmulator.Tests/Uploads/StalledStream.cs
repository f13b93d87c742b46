namespace BackupSidecar.DriveEmulator.Tests.Uploads;

/// <summary>Some zeros, and then nothing more, while the connection stays open.</summary>
internal sealed class StalledStream(int count, CancellationToken end) : Stream
{
    private int _left = count;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, end);
        }

        var taken = Math.Min(buffer.Length, _left);
        buffer.Span[..taken].Clear();
        _left -= taken;
        return taken;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
