using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

internal sealed class FaultyStagedObject(ObjectName name, IStagedObject inner, FaultyStore store) : IStagedObject
{
    public Stream Content { get; } = new FaultyStream(name, inner.Content, store);

    public async ValueTask PublishAsync(CancellationToken ct) => await store.CallAsync($"publish {name}", async () =>
    {
        await inner.PublishAsync(ct);
        return true;
    });

    /// <summary>A dead process disposes of nothing.</summary>
    public ValueTask DisposeAsync() => store.Killed ? ValueTask.CompletedTask : inner.DisposeAsync();
}
