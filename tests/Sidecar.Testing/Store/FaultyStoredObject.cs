using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

internal sealed class FaultyStoredObject(ObjectName name, IStoredObject inner, FaultyStore store) : IStoredObject
{
    public long Length => inner.Length;

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct) => await store.CallAsync($"read {name}", async () =>
    {
        await inner.ReadAsync(offset, destination, ct);
        return true;
    });

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
