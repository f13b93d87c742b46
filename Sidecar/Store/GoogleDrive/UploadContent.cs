using System.Security.Cryptography;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Content at hand as the stream that an upload reads. Its hash is computed beside the sending, from the start on, also where a part was sent before a restart.</summary>
/// <remarks>So each byte is read twice, mostly out of the page cache, and an upload does not take the time of the hash as well.</remarks>
internal sealed class UploadContent(IStoredObject content) : Stream
{
    /// <summary>Bytes. The library asks for 4 KiB at a time.</summary>
    private const int BufferBytes = 256 << 10;

    private readonly CancellationTokenSource _ended = new();
    private readonly byte[] _buffer = new byte[(int)Math.Min(BufferBytes, content.Length)];
    private Task<string>? _hash;
    private long _bufferStart;
    private int _bufferLength;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position { get; set; }

    /// <summary>Something of it was asked for, to be sent.</summary>
    public bool WasRead { get; private set; }

    /// <summary>The hash of the whole, hexadecimal.</summary>
    public Task<string> HashAsync(CancellationToken ct) => (_hash ??= BeginHash()).WaitAsync(ct);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        WasRead = true;
        _hash ??= BeginHash();
        if (Position < _bufferStart || Position >= _bufferStart + _bufferLength)
        {
            var length = (int)Math.Min(_buffer.Length, Length - Position);
            _bufferLength = 0;
            await content.ReadAsync(Position, _buffer.AsMemory(0, length), cancellationToken);
            (_bufferStart, _bufferLength) = (Position, length);
        }

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

    /// <summary>Waits until the content is not read any more: it is somebody else's.</summary>
    public override async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        if (_hash is { } hash)
        {
            await ((Task)hash).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _ended.Dispose();
        await base.DisposeAsync();
    }

    private Task<string> BeginHash() => Task.Run(() => HashWholeAsync(_ended.Token));

    private async Task<string> HashWholeAsync(CancellationToken ct)
    {
#pragma warning disable CA5351 // It is the hash that Drive tells of a file, compared against damage on the way and not against attack: every pack has its own digests.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        var piece = new byte[(int)Math.Min(BufferBytes, Length)];
        for (var done = 0L; done < Length;)
        {
            var part = piece.AsMemory(0, (int)Math.Min(piece.Length, Length - done));
            await content.ReadAsync(done, part, ct);
            hash.AppendData(part.Span);
            done += part.Length;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
