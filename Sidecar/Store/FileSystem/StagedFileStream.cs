using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Store.FileSystem;

/// <summary>Sequential writing into a staged file, without a buffer of its own. Disposing it closes the file and removes nothing.</summary>
internal sealed class StagedFileStream(SafeFileHandle file, string subject, FileSystemErrors errors) : Stream
{
    /// <summary>
    /// Dirty bytes after which the kernel is asked to begin writing, so that the flush at the end finds little left to do. Only one such piece is on its way while
    /// the next one is filled: a commit of the application waits for the same disk behind what is on its way, and behind no more than that.
    /// </summary>
    private const long PieceBytes = 2L << 20;

    private long _length;
    private long _pieceStart;
    private long _onItsWayStart;

    public SafeFileHandle File => file;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !file.IsClosed;

    public override long Length => throw new NotSupportedException();

    /// <summary>Bytes written so far.</summary>
    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            RandomAccess.Write(file, buffer, _length);
        }
        catch (Exception e) when (FileSystemErrors.IsFileError(e))
        {
            throw errors.Of(e, "write", subject);
        }

        Advance(buffer.Length);
    }

    /// <summary>On the caller's thread: it only copies into the page cache, which takes less time than handing it to another thread and waking that.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Does nothing: there is no buffer, and durability comes with publishing.</summary>
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }

    private void Advance(int bytes)
    {
        _length += bytes;
        if (_length - _pieceStart >= PieceBytes)
        {
            if (_pieceStart > 0)
            {
                ThrowIfLost(LibC.WaitForWriteBack(file, _onItsWayStart, _pieceStart - _onItsWayStart));
            }

            // A refusal only makes the last flush longer; an error of the disk is kept for the next wait or that flush to report.
            _ = LibC.StartWriteBack(file, _pieceStart, _length - _pieceStart);
            (_onItsWayStart, _pieceStart) = (_pieceStart, _length);
        }
    }

    /// <summary>The kernel tells of lost pages once: what is told here, the flush at the end would not hear of. That there is nothing to wait for is no error.</summary>
    private void ThrowIfLost(int error)
    {
        if (error is Errno.InputOutput or Errno.NoSpace or Errno.QuotaExceeded)
        {
            throw errors.Of(error, "write", subject);
        }
    }
}
