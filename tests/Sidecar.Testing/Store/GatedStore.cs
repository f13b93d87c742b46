using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

/// <summary>A store that can be reached or not, as a share or a network.</summary>
internal sealed class GatedStore(IObjectStore inner, Func<bool> isReachable) : IObjectStore
{
    public string Location => inner.Location;

    public ValueTask<IStagedObject> StageAsync(ObjectName name, CancellationToken ct) => Gate().StageAsync(name, ct);

    public ValueTask PutAsync(ObjectName name, IStoredObject content, CancellationToken ct) => Gate().PutAsync(name, content, ct);

    public ValueTask<IStoredObject> OpenAsync(ObjectName name, CancellationToken ct) => Gate().OpenAsync(name, ct);

    public IAsyncEnumerable<ObjectListing> ListAsync(string prefix, CancellationToken ct) => Gate().ListAsync(prefix, ct);

    public ValueTask<string?> FindForeignAsync(CancellationToken ct) => Gate().FindForeignAsync(ct);

    public ValueTask DeleteAsync(ObjectName name, CancellationToken ct) => Gate().DeleteAsync(name, ct);

    public ValueTask DeleteAllAsync(IReadOnlyList<ObjectName> names, CancellationToken ct) => Gate().DeleteAllAsync(names, ct);

    public ValueTask<IAsyncDisposable> LockForWritingAsync(string holder, CancellationToken ct) => Gate().LockForWritingAsync(holder, ct);

    private IObjectStore Gate() => isReachable() ? inner : throw new StoreException(FailureKind.Failed, "The store cannot be reached: permission denied.", "Bring it back.");
}
