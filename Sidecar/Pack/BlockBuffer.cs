namespace BackupSidecar.Pack;

/// <summary>Room for one block, stored and raw, to be filled again and again: half a megabyte.</summary>
internal sealed class BlockBuffer : IDisposable
{
    private readonly byte[] _stored = new byte[BlockEntry.RawLengthMax];
    private readonly byte[] _raw = new byte[BlockEntry.RawLengthMax];
    private readonly BlockDecoder _decoder = new();

    /// <summary>The pages of the block that was filled in last, in page order; what stands behind them is left from an earlier block.</summary>
    public ReadOnlySpan<byte> Raw => _raw;

    /// <summary>Reads and decodes a block, and checks it and every page.</summary>
    /// <exception cref="PackFormatException">Names the block or the page that is not what was packed.</exception>
    public async ValueTask FillAsync(PackReader pack, BlockEntry entry, CancellationToken ct)
    {
        await pack.ReadBlockAsync(entry, _stored, ct);
        _decoder.Decode(entry, _stored.AsSpan(0, entry.StoredLength), _raw, pack.Name);
    }

    public void Dispose() => _decoder.Dispose();
}
