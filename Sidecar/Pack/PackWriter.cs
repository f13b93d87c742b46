using System.Collections.Concurrent;
using System.Security.Cryptography;
using BackupSidecar.Primitives;

namespace BackupSidecar.Pack;

/// <summary>Writes one pack: header, blocks, index, trailer, in one pass over a stream that cannot seek.</summary>
/// <remarks>
/// (1) Pages come in ascending order and fill a block. (2) Full blocks are compressed, decoded again and compared, several at a time.
/// (3) They are written in order; their index entries go to a spool, so that memory does not grow with the database. (4) Index and trailer follow.
/// A pack of one block, as most captures make it, is encoded by its caller: nothing is started for it.
/// </remarks>
internal sealed class PackWriter : IAsyncDisposable
{
    private readonly Stream _output;
    private readonly IndexSpool _index;
    private readonly PackHeader _header;
    private readonly byte[] _headerBytes;
    private readonly ConcurrentBag<PageBlock> _blocks = [];
    private readonly ConcurrentBag<BlockCompressor> _compressors = [];
    private readonly int _encoderCount;
    private OrderedParallel<PageBlock, PageBlock>? _encoders;
    private PageBlock _filling;
    private long _offset = PackHeader.Size;
    private uint _lastPage;
    private uint _blockCount;
    private uint _pageCount;
    private State _state = State.New;

    /// <param name="output">Receives the pack. Not disposed.</param>
    /// <param name="createSpool">Makes a temporary file, empty, readable, writable, seekable, if the index outgrows memory: 16 bytes a page and a little. Disposed with the writer.</param>
    /// <param name="header">Describes the changeset.</param>
    /// <param name="encoders">Blocks that are compressed at the same time; each needs about 1 MB.</param>
    public PackWriter(Stream output, Func<Stream> createSpool, PackHeader header, int encoders)
    {
        _output = output;
        _index = new IndexSpool(createSpool);
        _header = header;
        _headerBytes = header.ToBytes();
        _filling = new PageBlock(header.ShapeAfter.PageSizeBytes);
        _encoderCount = encoders;
    }

    public uint PageCount => _pageCount;

    /// <summary>Adds consecutive pages with their hashes. Page numbers ascend over all calls; the lock-byte page never comes.</summary>
    /// <remarks>After an error or a cancellation the pack is worthless, and every further call says so.</remarks>
    public async ValueTask AddAsync(uint firstPage, ReadOnlyMemory<byte> pages, ReadOnlyMemory<PageHash> hashes, CancellationToken ct)
    {
        var pageSizeBytes = _header.ShapeAfter.PageSizeBytes;
        EnsureFits(new PageRun(firstPage, (uint)hashes.Length), pages.Length);
        await BeginAsync(ct);
        for (var done = 0; done < hashes.Length;)
        {
            var count = Math.Min(_filling.Room, hashes.Length - done);
            _filling.Add(firstPage + (uint)done, pages.Span.Slice(done * pageSizeBytes, count * pageSizeBytes), hashes.Span.Slice(done, count));
            done += count;
            if (_filling.Room == 0)
            {
                await PostAsync(ct);
            }
        }

        _lastPage = firstPage + (uint)hashes.Length - 1;
        _pageCount += (uint)hashes.Length;
        _state = State.Ready;
    }

    /// <summary>Writes what is left, the index and the trailer.</summary>
    public async ValueTask<PackSummary> CompleteAsync(Fingerprint before, Fingerprint after, CancellationToken ct)
    {
        await BeginAsync(ct);
        await WriteLastBlocksAsync(ct);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(_headerBytes);
        var indexLength = await _index.CopyToAsync(_output, digest, ct);
        var trailer = new PackTrailer(_offset, indexLength, _blockCount, _pageCount, before, after);
        var trailerBytes = trailer.ToBytesWithoutDigest();
        digest.AppendData(trailerBytes.AsSpan(0, PackTrailer.DigestedSize));
        _ = digest.GetHashAndReset(trailerBytes.AsSpan(PackTrailer.DigestedSize));
        await _output.WriteAsync(trailerBytes, ct);
        return new PackSummary(
            trailer.PackLength, _pageCount, _blockCount, Sha256Digest.Read(trailerBytes.AsSpan(PackTrailer.DigestedSize)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_state == State.Disposed)
        {
            // A buffer that is given back twice would be lent to two.
            return;
        }

        _state = State.Disposed;

        // What still runs uses the buffers that are given back next.
        await (_encoders?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var block in _blocks.Append(_filling))
        {
            block.Dispose();
        }

        foreach (var compressor in _compressors)
        {
            compressor.Dispose();
        }

        await _index.DisposeAsync();
    }

    private void EnsureFits(PageRun run, int lengthBytes)
    {
        var shape = _header.ShapeAfter;
        var holdsLockBytePage = run.First <= shape.LockBytePage && run.End > shape.LockBytePage;
        if (run.Count == 0 || run.First <= _lastPage || run.End > (ulong)shape.PageCount + 1 || holdsLockBytePage || lengthBytes != run.Count * (long)shape.PageSizeBytes)
        {
            throw new InvalidOperationException(
                $"{run.Count} pages from page {run.First} on with {lengthBytes} bytes came after page {_lastPage} of a database of {shape.PageCount} pages of {shape.PageSizeBytes} bytes.");
        }
    }

    /// <summary>Writes the header before anything else. Who begins and does not get to the end of the call leaves the state at busy.</summary>
    private async ValueTask BeginAsync(CancellationToken ct)
    {
        var before = _state;
        if (before is not (State.New or State.Ready))
        {
            throw new InvalidOperationException($"The pack is {before}, expected {State.New} or {State.Ready}: a call goes on, has failed, or was the last one.");
        }

        _state = State.Busy;
        if (before == State.New)
        {
            await _output.WriteAsync(_headerBytes, ct);
        }
    }

    private async ValueTask WriteLastBlocksAsync(CancellationToken ct)
    {
        if (_encoders is null && _filling.PageCount > 0)
        {
            await WriteBlockAsync(Encode(_filling));
            _filling = TakeBlock();
        }
        else if (_filling.PageCount > 0)
        {
            await PostAsync(ct);
        }

        await (_encoders?.CompleteAsync() ?? ValueTask.CompletedTask);
    }

    private async ValueTask PostAsync(CancellationToken ct)
    {
        _encoders ??= new OrderedParallel<PageBlock, PageBlock>(_encoderCount, block => ValueTask.FromResult(Encode(block)), WriteBlockAsync);
        await _encoders.PostAsync(_filling, ct);
        _filling = TakeBlock();
    }

    private PageBlock TakeBlock() => _blocks.TryTake(out var free) ? free : new PageBlock(_header.ShapeAfter.PageSizeBytes);

    private PageBlock Encode(PageBlock block)
    {
        var compressor = _compressors.TryTake(out var free) ? free : new BlockCompressor(_header.Compression);
        try
        {
            return block.Encode(compressor);
        }
        finally
        {
            _compressors.Add(compressor);
        }
    }

    private async ValueTask WriteBlockAsync(PageBlock block)
    {
        await _output.WriteAsync(block.Stored);
        var entry = block.EntryAt(_offset);
        await _index.AddAsync(entry);
        _offset += block.Stored.Length;
        _blockCount++;
        block.Clear();
        _blocks.Add(block);
    }

    private enum State
    {
        New,
        Ready,
        Busy,
        Disposed,
    }
}
