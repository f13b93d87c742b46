using BackupSidecar.Primitives;

namespace BackupSidecar.Store;

/// <summary>A flat set of immutable objects by name: a directory, a bucket, a folder of a drive.</summary>
/// <remarks>
/// What every store guarantees, and the conformance suite tests:
/// <list type="bullet">
/// <item>An object is visible whole or not at all; once <see cref="IStagedObject.PublishAsync"/> returned, it survives a power loss.</item>
/// <item>No overwrite: publishing a name that exists fails with <see cref="ObjectExistsException"/> and leaves the old object as it was.</item>
/// <item>A staged object that is disposed, or whose process dies, before publishing leaves nothing visible.</item>
/// <item>Delete is idempotent. Reading what does not exist fails with <see cref="ObjectMissingException"/>, a damaged store with <see cref="StoreException"/>.</item>
/// <item>Writing to a staged object never waits for a network: it goes to local disk first.</item>
/// </list>
/// Implementations do not retry, log, cache or count: wrappers do.
/// </remarks>
internal interface IObjectStore
{
    /// <summary>How messages name this store, such as its path. Never holds a secret.</summary>
    string Location { get; }

    ValueTask<IStagedObject> StageAsync(ObjectName name, CancellationToken ct);

    /// <summary>Publishes an object whose content is at hand and can be read again: whole or not at all, and durable when it returns.</summary>
    /// <remarks>For copies between stores: one that is far away reads the content while it sends it, so that no second copy lies on a disk. The content stays the caller's.</remarks>
    /// <exception cref="ObjectExistsException">The name is taken.</exception>
    ValueTask PutAsync(ObjectName name, IStoredObject content, CancellationToken ct);

    ValueTask<IStoredObject> OpenAsync(ObjectName name, CancellationToken ct);

    /// <summary>Every object whose name starts with <paramref name="prefix"/> (empty: all), in ordinal order of names.</summary>
    IAsyncEnumerable<ObjectListing> ListAsync(string prefix, CancellationToken ct);

    /// <summary>The name of something in this place that is no object, so that <see cref="ListAsync"/> does not show it, nor the store's own; or null.</summary>
    ValueTask<string?> FindForeignAsync(CancellationToken ct);

    ValueTask DeleteAsync(ObjectName name, CancellationToken ct);

    /// <summary>Deletes many objects. When it returns, all of them stay deleted; where it fails or the power goes before, any of them may be left.</summary>
    /// <remarks>As safe as deleting one after the other, and far cheaper where each would wait for the disk.</remarks>
    ValueTask DeleteAllAsync(IReadOnlyList<ObjectName> names, CancellationToken ct);

    /// <summary>Names whose put began, also in an earlier process, and is not known to have ended: the same content put under such a name goes on where that ended.</summary>
    IReadOnlyList<ObjectName> ListBegun() => [];

    /// <summary>Keeps other writers out until the result is disposed.</summary>
    /// <param name="holder">Who is asking, for the message that the other one gets: host, process, command. One line, at most 200 characters.</param>
    /// <exception cref="StoreLockedException">Another process, or another part of this one, holds it.</exception>
    ValueTask<IAsyncDisposable> LockForWritingAsync(string holder, CancellationToken ct);
}
