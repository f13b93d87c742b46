using System.Runtime.CompilerServices;
using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

/// <summary>A store in memory that keeps every guarantee of the contract, and lets a test look at and damage what is stored.</summary>
/// <remarks>Stores made by <see cref="Another"/> share the objects and the writer's lock, as two processes share a directory.</remarks>
internal sealed class MemoryStore : IObjectStore
{
    private readonly MemoryStoreContent _content;

    public MemoryStore()
        : this(new MemoryStoreContent())
    {
    }

    private MemoryStore(MemoryStoreContent content) => _content = content;

    public string Location => "memory";

    /// <summary>What <see cref="FindForeignAsync"/> answers.</summary>
    public string? Foreign { get; set; }

    public IReadOnlyList<string> Names => _content.Names();

    /// <summary>A second store on the same objects.</summary>
    public MemoryStore Another() => new(_content);

    /// <summary>A store with the same objects that shares nothing with this one from now on.</summary>
    public MemoryStore Copy()
    {
        var copy = new MemoryStore { Foreign = Foreign };
        foreach (var name in Names)
        {
            copy._content.TryAdd(name, Read(name));
        }

        return copy;
    }

    /// <summary>A copy of an object's bytes.</summary>
    public byte[] Read(string name) => (byte[])_content.Find(name)!.Clone();

    /// <summary>Puts bytes in an object's place, as damage does.</summary>
    public void Replace(string name, byte[] bytes) => _content.Replace(name, bytes);

    /// <summary>Inverts the bits of <paramref name="mask"/> in one byte.</summary>
    public void Flip(string name, int offset, byte mask)
    {
        var bytes = Read(name);
        bytes[offset] ^= mask;
        Replace(name, bytes);
    }

    public void Remove(string name) => _content.Remove(name);

    public ValueTask<IStagedObject> StageAsync(ObjectName name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IStagedObject>(new MemoryStagedObject(name, _content, Location));
    }

    public async ValueTask PutAsync(ObjectName name, IStoredObject content, CancellationToken ct)
    {
        var bytes = new byte[content.Length];
        await content.ReadAsync(0, bytes, ct);
        if (!_content.TryAdd(name.ToString(), bytes))
        {
            throw new ObjectExistsException(name, Location);
        }
    }

    public ValueTask<IStoredObject> OpenAsync(ObjectName name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var bytes = _content.Find(name.ToString()) ?? throw new ObjectMissingException(name, Location);
        return ValueTask.FromResult<IStoredObject>(new MemoryStoredObject(name, bytes, Location));
    }

    public async IAsyncEnumerable<ObjectListing> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        foreach (var name in Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            ct.ThrowIfCancellationRequested();
            if (_content.Find(name) is { } bytes)
            {
                yield return new ObjectListing(ObjectName.Parse(name), bytes.Length);
            }
        }
    }

    public ValueTask<string?> FindForeignAsync(CancellationToken ct) => ValueTask.FromResult(Foreign);

    public ValueTask DeleteAsync(ObjectName name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        _content.Remove(name.ToString());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DeleteAllAsync(IReadOnlyList<ObjectName> names, CancellationToken ct)
    {
        foreach (var name in names)
        {
            await DeleteAsync(name, ct);
        }
    }

    public ValueTask<IAsyncDisposable> LockForWritingAsync(string holder, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return _content.TryLock(holder) is { } other
            ? throw new StoreLockedException(Location, other)
            : ValueTask.FromResult<IAsyncDisposable>(new MemoryLock(_content));
    }
}
