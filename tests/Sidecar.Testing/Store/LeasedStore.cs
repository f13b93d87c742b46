using System.Runtime.CompilerServices;
using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

/// <summary>A store as machines share it: no lock keeps a second writer away, only leases do. Listings may lag, and answers to announcements may be lost.</summary>
internal sealed class LeasedStore(MemoryStore objects, ILeaseStore leases) : IObjectStore, ILeaseStore
{
    /// <summary>What stands under a lease in the place of what was announced last.</summary>
    private readonly Dictionary<long, byte[]> _instead = [];

    public string Location => objects.Location;

    public MemoryStore Objects => objects;

    /// <summary>Which objects listings show.</summary>
    public Func<string, bool> IsShown { get; set; } = static _ => true;

    /// <summary>Announcements are stored, and their answers do not come.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Announcements get lost on the way.</summary>
    public bool LosesAnnouncements { get; set; }

    /// <summary>A refused announcement takes the place of the last one all the same, as it may in Google Drive.</summary>
    public bool OverwritesRefused { get; set; }

    /// <summary>Happens while an object is on its way.</summary>
    public Func<Task> Putting { get; set; } = static () => Task.CompletedTask;

    /// <summary>What <see cref="ListBegun"/> answers.</summary>
    public Func<IReadOnlyList<ObjectName>> Begun { get; set; } = static () => [];

    /// <summary>The bytes of the last announcement under each lease.</summary>
    public Dictionary<long, byte[]> Announced { get; } = [];

    /// <summary>An announcement that was given up as lost arrives after all, and takes the place of a later one, as it may in Google Drive.</summary>
    public void ComesLate(long lease, byte[] announcement) => _instead[lease] = announcement;

    public ValueTask<IStagedObject> StageAsync(ObjectName name, CancellationToken ct) => objects.StageAsync(name, ct);

    public async ValueTask PutAsync(ObjectName name, IStoredObject content, CancellationToken ct)
    {
        await Putting();
        await objects.PutAsync(name, content, ct);
    }

    public ValueTask<IStoredObject> OpenAsync(ObjectName name, CancellationToken ct) => objects.OpenAsync(name, ct);

    public async IAsyncEnumerable<ObjectListing> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var listing in objects.ListAsync(prefix, ct))
        {
            if (IsShown(listing.Name.ToString()))
            {
                yield return listing;
            }
        }
    }

    public ValueTask<string?> FindForeignAsync(CancellationToken ct) => objects.FindForeignAsync(ct);

    public ValueTask DeleteAsync(ObjectName name, CancellationToken ct) => objects.DeleteAsync(name, ct);

    public ValueTask DeleteAllAsync(IReadOnlyList<ObjectName> names, CancellationToken ct) => objects.DeleteAllAsync(names, ct);

    public IReadOnlyList<ObjectName> ListBegun() => Begun();

    public ValueTask<IAsyncDisposable> LockForWritingAsync(string holder, CancellationToken ct) => ValueTask.FromResult<IAsyncDisposable>(new NoLock());

    public ValueTask<StoredLease?> FindNewestAsync(CancellationToken ct) => leases.FindNewestAsync(ct);

    public ValueTask<StoredLease?> TryCreateAsync(StoredLease? newest, ReadOnlyMemory<byte> content, CancellationToken ct) => leases.TryCreateAsync(newest, content, ct);

    public ValueTask ContinueAsync(StoredLease lease, CancellationToken ct) => leases.ContinueAsync(lease, ct);

    public async ValueTask<bool> AnnounceAsync(StoredLease lease, ReadOnlyMemory<byte> announcement, CancellationToken ct)
    {
        if (LosesAnnouncements)
        {
            throw new StoreException(FailureKind.Failed, "The line is down.", "Try again.");
        }

        var isStored = await leases.AnnounceAsync(lease, announcement, ct);
        if (isStored)
        {
            Announced[lease.Number] = announcement.ToArray();
            _ = _instead.Remove(lease.Number);
        }
        else if (OverwritesRefused)
        {
            _instead[lease.Number] = announcement.ToArray();
        }

        return LosesAnswers ? throw new StoreException(FailureKind.Failed, "The answer did not come.", "Try again.") : isStored;
    }

    public async ValueTask<byte[]?> ReadAnnouncementAsync(StoredLease lease, CancellationToken ct) => _instead.GetValueOrDefault(lease.Number)?.ToArray() ?? await leases.ReadAnnouncementAsync(lease, ct);

    private sealed class NoLock : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
