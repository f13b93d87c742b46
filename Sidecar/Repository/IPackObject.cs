namespace BackupSidecar.Repository;

/// <summary>An open pack. Its content never changes; ranges may be read in parallel.</summary>
internal interface IPackObject : IAsyncDisposable
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>Fills the whole buffer from <paramref name="offset"/>.</summary>
    /// <exception cref="Primitives.OperatorException">The pack is shorter than that, or cannot be read.</exception>
    ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct);
}
