using System.Security.Cryptography;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Content at hand as the stream that an upload reads, hashed on its way: each byte once and in order, also where a part is sent again, or was sent before a restart.</summary>
internal sealed class UploadContent(IStoredObject content) : Stream
{
    /// <summary>Bytes. The library asks for 4 KiB at a time.</summary>
    private const int BufferBytes = 256 << 10;

#pragma warning disable CA5351 // It is the hash that Drive tells of a file, compared against damage on the way and not against attack: every pack has its own digests.
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
    private readonly byte[] _buffer = new byte[(int)Math.Min(BufferBytes, content.Length)];
    private long _bufferStart;
    private int _bufferLength;
    private long _hashed;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position { get; set; }

    /// <summary>Something of it was asked for, to be sent.</summary>
    public bool WasRead { get; private set; }

    /// <summary>The hash of the whole, hexadecimal; reads what was not read yet. Called once.</summary>
    public async ValueTask<string> HashAsync(CancellationToken ct)
    {
        await HashUpToAsync(Length, ct);
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        WasRead = true;
        await HashUpToAsync(Position, cancellationToken);
        await FillAsync(Position, cancellationToken);
        var available = _buffer.AsMemory(0, _bufferLength)[(int)(Position - _bufferStart)..];
        var read = Math.Min(available.Length, buffer.Length);
        available[..read].CopyTo(buffer);
        Position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Current => Position + offset,
        SeekOrigin.End => Length + offset,
        _ => offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask HashUpToAsync(long end, CancellationToken ct)
    {
        while (_hashed < end)
        {
            // Filling hashes what it reads.
            await FillAsync(_hashed, ct);
        }
    }

    /// <summary>Has the byte at the position in the buffer, and hashes what of the buffer is new.</summary>
    private async ValueTask FillAsync(long position, CancellationToken ct)
    {
        if (position < _bufferStart || position >= _bufferStart + _bufferLength)
        {
            var length = (int)Math.Min(_buffer.Length, Length - position);
            _bufferLength = 0;
            await content.ReadAsync(position, _buffer.AsMemory(0, length), ct);
            (_bufferStart, _bufferLength) = (position, length);
        }

        var end = _bufferStart + _bufferLength;
        if (_bufferStart <= _hashed && end > _hashed)
        {
            _hash.AppendData(_buffer.AsSpan(0, _bufferLength)[(int)(_hashed - _bufferStart)..]);
            _hashed = end;
        }
    }
}
