namespace BackupSidecar.Testing.Store;

/// <summary>The objects and the lock that <see cref="MemoryStore"/>s share.</summary>
internal sealed class MemoryStoreContent
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
    private string? _holder;

    public IReadOnlyList<string> Names()
    {
        lock (_lock)
        {
            return [.. _objects.Keys];
        }
    }

    public byte[]? Find(string name)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(name);
        }
    }

    public bool TryAdd(string name, byte[] bytes)
    {
        lock (_lock)
        {
            return _objects.TryAdd(name, bytes);
        }
    }

    public void Replace(string name, byte[] bytes)
    {
        lock (_lock)
        {
            _objects[name] = bytes;
        }
    }

    public void Remove(string name)
    {
        lock (_lock)
        {
            _objects.Remove(name);
        }
    }

    /// <summary>Null if the lock was taken, else who has it.</summary>
    public string? TryLock(string holder)
    {
        lock (_lock)
        {
            if (_holder is not null)
            {
                return _holder;
            }

            _holder = holder;
            return null;
        }
    }

    public void Unlock()
    {
        lock (_lock)
        {
            _holder = null;
        }
    }
}
