using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

internal sealed class MemoryStagedObject(ObjectName name, MemoryStoreContent content, string location) : IStagedObject
{
    private readonly MemoryStream _bytes = new();
    private bool _closed;

    public Stream Content => _bytes;

    public ValueTask PublishAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_closed || !_bytes.CanWrite)
        {
            throw new InvalidOperationException($"'{name}' was published or closed before; an object is published once.");
        }

        if (!content.TryAdd(name.ToString(), _bytes.ToArray()))
        {
            throw new ObjectExistsException(name, location);
        }

        _closed = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _closed = true;
        return ValueTask.CompletedTask;
    }
}
