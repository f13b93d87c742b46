using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>A pack in a store.</summary>
internal sealed class StoredPack(IStoredObject stored) : IPackObject
{
    public long Length => stored.Length;

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct) => stored.ReadAsync(offset, destination, ct);

    public ValueTask DisposeAsync() => stored.DisposeAsync();
}
