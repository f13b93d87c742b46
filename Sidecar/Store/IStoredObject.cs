namespace BackupSidecar.Store;

/// <summary>An open object. Its content never changes; ranges may be read in parallel.</summary>
internal interface IStoredObject : IAsyncDisposable
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>Fills the whole buffer from <paramref name="offset"/>.</summary>
    /// <exception cref="StoreException">The object is shorter than <paramref name="offset"/> plus the buffer, or cannot be read.</exception>
    ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct);
}
