using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>A pack that a store is to take over. It stays the giver's.</summary>
internal sealed class GivenPack(IPackObject content) : IStoredObject
{
    public long Length => content.Length;

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct) => content.ReadAsync(offset, destination, ct);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
