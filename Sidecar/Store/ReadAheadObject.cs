using BackupSidecar.Primitives;

namespace BackupSidecar.Store;

/// <summary>An object far away, read in large pieces where its reader goes through it, since every request costs a round trip.</summary>
/// <remarks>
/// A small object is fetched whole by its first read, and of a larger one the end by the first read there: a pack has its trailer and, before that, its index there. In a larger one small reads that lie close together make the piece around them be fetched, and those behind it while that one is
/// used. Reads that are large themselves, and those here and there, pass untouched. What cannot be fetched ahead is read as if nobody had tried, so that errors are those of the object.
/// </remarks>
internal sealed class ReadAheadObject(IStoredObject inner, ReadAheadRoom room) : IStoredObject
{
    /// <summary>Bytes of an object that is fetched whole. Many may be open at once, in merges.</summary>
    private const int SmallMax = 256 << 10;

    /// <summary>Bytes at the end of a larger object that are fetched together: the index of some three thousand pages.</summary>
    private const int EndBytes = 64 << 10;

    /// <summary>Bytes of a read that is worth a request of its own.</summary>
    private const int LargeMin = 512 << 10;

    /// <summary>Reads in one piece that may be an accident.</summary>
    private const int ReadsMin = 3;

    /// <summary>Pieces that are fetched behind the one that is used: while one is waited for, the line has another one to bring.</summary>
    private const int AheadMax = 2;

    /// <summary>Of one object: what is being used, what comes next, and what parallel readers have not finished with.</summary>
    private const int PiecesMax = AheadMax + 2;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly SortedDictionary<long, ReadAheadPiece> _pieces = [];
    private Task<byte[]>? _end;
    private (long Piece, long First, long End, long Bytes, int Reads) _seen = (-1, 0, 0, 0, 0);

    public long Length => inner.Length;

    /// <summary>Where the end begins, which of a small object is all of it.</summary>
    private long EndStart => Length <= SmallMax ? 0 : Length - EndBytes;

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        if (offset < 0 || offset > Length - destination.Length || destination.Length >= LargeMin)
        {
            return inner.ReadAsync(offset, destination, ct);
        }

        return offset >= EndStart ? ReadEndAsync(offset, destination, ct) : ReadPiecesAsync(offset, destination, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await Task.WhenAll(_pieces.Values.Select(piece => piece.Fetched)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            foreach (var index in _pieces.Keys.ToList())
            {
                Drop_NeedsLock(index);
            }
        }

        _closed.Dispose();
        await inner.DisposeAsync();
    }

    private async ValueTask ReadEndAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        Task<byte[]> end;
        lock (_gate)
        {
            end = _end is { IsFaulted: false, IsCanceled: false } ? _end : _end = FetchEndAsync(_closed.Token);
        }

        (await end.WaitAsync(ct)).AsMemory((int)(offset - EndStart), destination.Length).CopyTo(destination);
    }

    private async Task<byte[]> FetchEndAsync(CancellationToken ct)
    {
        var bytes = new byte[Length - EndStart];
        await inner.ReadAsync(EndStart, bytes, ct);
        return bytes;
    }

    private async ValueTask ReadPiecesAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        while (!destination.IsEmpty)
        {
            var index = offset / ReadAheadRoom.PieceBytes;
            var inPiece = (int)(offset % ReadAheadRoom.PieceBytes);
            var part = destination[..Math.Min(destination.Length, ReadAheadRoom.PieceBytes - inPiece)];
            if (Use(index, offset, part.Length) is { } piece)
            {
                await ReadFromAsync(piece, index, inPiece, part, ct);
            }
            else
            {
                await inner.ReadAsync(offset, part, ct);
            }

            offset += part.Length;
            destination = destination[part.Length..];
        }
    }

    private async ValueTask ReadFromAsync(ReadAheadPiece piece, long index, int inPiece, Memory<byte> part, CancellationToken ct)
    {
        try
        {
            await piece.Fetched.WaitAsync(ct);
            piece.Buffer.AsMemory(inPiece, part.Length).CopyTo(part);
            return;
        }
        catch (OperatorException)
        {
            // Whatever it was, the reader's own request tells.
        }
        finally
        {
            Release(piece);
        }

        lock (_gate)
        {
            if (_pieces.GetValueOrDefault(index) == piece)
            {
                Drop_NeedsLock(index);
            }
        }

        await inner.ReadAsync((index * ReadAheadRoom.PieceBytes) + inPiece, part, ct);
    }

    /// <returns>The piece to read from, to be released; null: this read goes its own way.</returns>
    private ReadAheadPiece? Use(long index, long offset, int length)
    {
        lock (_gate)
        {
            var piece = _pieces.GetValueOrDefault(index);
            if (piece is null && (IsPassedBy_NeedsLock(index) || !IsWorthwhile_NeedsLock(index, offset, length) || (piece = Begin_NeedsLock(index)) is null))
            {
                return null;
            }

            piece.Users++;
            for (var next = index + 1; next <= index + AheadMax && next * ReadAheadRoom.PieceBytes < Length; next++)
            {
                _ = _pieces.ContainsKey(next) ? null : Begin_NeedsLock(next);
            }

            return piece;
        }
    }

    /// <summary>A parallel reader that is late must not make the others start over.</summary>
    private bool IsPassedBy_NeedsLock(long index) => _pieces.Count > 0 && index < _pieces.Keys.First();

    /// <summary>True if reads of this piece lie close together: what is asked for is half of what lies between.</summary>
    private bool IsWorthwhile_NeedsLock(long index, long offset, int length)
    {
        _seen = _seen.Piece == index
            ? (index, Math.Min(_seen.First, offset), Math.Max(_seen.End, offset + length), _seen.Bytes + length, _seen.Reads + 1)
            : (index, offset, offset + length, length, 1);
        return _seen.Reads >= ReadsMin && _seen.Bytes * 2 >= _seen.End - _seen.First;
    }

    private ReadAheadPiece? Begin_NeedsLock(long index)
    {
        while (_pieces.Count >= PiecesMax)
        {
            Drop_NeedsLock(_pieces.Keys.First());
        }

        if (room.TryTake() is not { } buffer)
        {
            return null;
        }

        var start = index * ReadAheadRoom.PieceBytes;
        var length = (int)Math.Min(ReadAheadRoom.PieceBytes, Length - start);
        return _pieces[index] = new ReadAheadPiece(buffer) { Fetched = Task.Run(() => inner.ReadAsync(start, buffer.AsMemory(0, length), _closed.Token).AsTask()) };
    }

    private void Release(ReadAheadPiece piece)
    {
        lock (_gate)
        {
            piece.Users--;
            GiveBack_NeedsLock(piece);
        }
    }

    private void Drop_NeedsLock(long index)
    {
        if (_pieces.Remove(index, out var piece))
        {
            piece.IsDropped = true;
            GiveBack_NeedsLock(piece);
        }
    }

    /// <summary>Not while somebody copies from it, nor while it is still being filled.</summary>
    private void GiveBack_NeedsLock(ReadAheadPiece piece)
    {
        if (!piece.IsDropped || piece.Users > 0)
        {
            return;
        }

        if (piece.Fetched.IsCompleted)
        {
            room.Return(piece.Buffer);
        }
        else
        {
            _ = piece.Fetched.ContinueWith(_ => room.Return(piece.Buffer), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
