using System.Buffers;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Compaction;

/// <summary>One pack of a merge, read page by page in ascending order. A block is read and decoded only when a page of it is asked for.</summary>
internal sealed class MergeInput : IAsyncDisposable
{
    private readonly IPackObject _stored;
    private readonly IAsyncEnumerator<BlockEntry> _index;
    private byte[]? _raw;
    private bool _isDecoded;
    private int _run;
    private uint _inRun;

    /// <param name="stored">The open pack; disposed with this object.</param>
    /// <param name="pack">Its reader.</param>
    /// <param name="age">Its place in the chain, the oldest 0.</param>
    /// <param name="ct">Ends the reading.</param>
    public MergeInput(IPackObject stored, PackReader pack, int age, CancellationToken ct)
    {
        _stored = stored;
        _index = pack.ReadIndexAsync(ct).GetAsyncEnumerator(ct);
        Pack = pack;
        Age = age;
    }

    public PackReader Pack { get; }

    public int Age { get; }

    /// <summary>The page that this input stands at; valid after <see cref="NextAsync"/> returned true.</summary>
    public uint Page => Block.Runs[_run].First + _inRun;

    public PageHash Hash => Block.Hashes[Index];

    /// <summary>The place of the page among the pages of its block.</summary>
    public int Index { get; private set; }

    public BlockEntry Block { get; private set; } = null!;

    /// <summary>Goes on to the next page.</summary>
    /// <returns>False at the end: the digest of the index was right.</returns>
    public async ValueTask<bool> NextAsync()
    {
        if (Block is { } block)
        {
            Index++;
            if (++_inRun < block.Runs[_run].Count)
            {
                return true;
            }

            _inRun = 0;
            if (++_run < block.Runs.Length)
            {
                return true;
            }
        }

        if (!await _index.MoveNextAsync())
        {
            return false;
        }

        Block = _index.Current;
        (_run, _inRun, Index, _isDecoded) = (0, 0, 0, false);
        return true;
    }

    /// <summary>The raw pages of the block, whose hashes were checked. They stay as they are until the next block.</summary>
    /// <exception cref="PackFormatException">The block is damaged.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadBlockAsync(byte[] stored, BlockDecoder decoder, IoPace pace, CancellationToken ct)
    {
        if (!_isDecoded)
        {
            if (_raw is null || _raw.Length < Block.RawLength)
            {
                ReturnBuffer();
                _raw = ArrayPool<byte>.Shared.Rent(Block.RawLength);
            }

            await Pack.ReadBlockAsync(Block, stored, ct);
            await pace.CountAsync(Block.StoredLength, ct);
            decoder.Decode(Block, stored.AsSpan(0, Block.StoredLength), _raw, Pack.Name);
            _isDecoded = true;
        }

        return _raw.AsMemory(0, Block.RawLength);
    }

    /// <summary>Memory that a decoded block takes now.</summary>
    public int BufferBytes => _raw?.Length ?? 0;

    /// <summary>Gives the memory back; if more pages of the block are asked for, it is read again.</summary>
    public void DropBlock()
    {
        ReturnBuffer();
        _isDecoded = false;
    }

    public async ValueTask DisposeAsync()
    {
        ReturnBuffer();
        await _index.DisposeAsync();
        await _stored.DisposeAsync();
    }

    private void ReturnBuffer()
    {
        if (_raw is not null)
        {
            ArrayPool<byte>.Shared.Return(_raw);
            _raw = null;
        }
    }
}
