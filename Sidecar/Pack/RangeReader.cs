namespace BackupSidecar.Pack;

/// <summary>Fills the buffer from this offset of a pack, or throws. Ranges may be asked for in parallel.</summary>
internal delegate ValueTask RangeReader(long offset, Memory<byte> destination, CancellationToken ct);
