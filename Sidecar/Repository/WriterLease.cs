using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>The right to write to a repository that several machines can reach: numbered, without heartbeat and without expiry, so that no clock decides.</summary>
/// <remarks>
/// The same state directory goes on with its lease; the same instance on another host, or whoever is told to take over, creates the next one. From then on the former holder cannot confirm anything, and what is not
/// confirmed is not acknowledged.
/// </remarks>
internal sealed class WriterLease
{
    private readonly ILeaseStore _store;
    private readonly StoredLease _lease;
    private readonly RepositoryId _repository;
    private readonly string _location;

    private WriterLease(ILeaseStore store, StoredLease lease, RepositoryId repository, string location)
    {
        _store = store;
        _lease = lease;
        _repository = repository;
        _location = location;
    }

    public long Number => _lease.Number;

    /// <param name="store">Of the repository.</param>
    /// <param name="repository">Its id.</param>
    /// <param name="location">Of the store, for messages.</param>
    /// <param name="me">Who asks.</param>
    /// <param name="takeOver">True: from whoever holds it.</param>
    /// <param name="ct">Ends the wait; whether a lease was created is then not known.</param>
    /// <exception cref="LeaseHeldException">Somebody else holds it, or was quicker.</exception>
    public static async ValueTask<WriterLease> TakeAsync(ILeaseStore store, RepositoryId repository, string location, LeaseHolder me, bool takeOver, CancellationToken ct)
    {
        var newest = await store.FindNewestAsync(ct);
        if (newest is not null)
        {
            var holder = LeaseCodec.Parse(newest.Content, newest.Number, repository, location);
            if (holder.StateId == me.StateId)
            {
                return new WriterLease(store, newest, repository, location);
            }

            if (!takeOver && !holder.IsSameAs(me))
            {
                throw HeldBy(holder, location);
            }
        }

        return await store.TryCreateAsync(newest, LeaseCodec.ToBytes(me, repository), ct) is { } created
            ? new WriterLease(store, created, repository, location)
            : throw new LeaseHeldException($"Another sidecar has just taken {location}.", "Find out which one is to write there: 'backup-sidecar repository take-over' decides it.");
    }

    /// <returns>Who holds it; null: nobody ever has.</returns>
    public static async ValueTask<LeaseHolder?> FindHolderAsync(ILeaseStore store, RepositoryId repository, string location, CancellationToken ct) =>
        await store.FindNewestAsync(ct) is { } newest ? LeaseCodec.Parse(newest.Content, newest.Number, repository, location) : null;

    /// <summary>Says how far this writer has come. When it returns, nobody had taken over before, and whoever does later learns of it.</summary>
    /// <param name="done">For people: the newest position of each source.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="LeaseHeldException">Somebody else has taken over: what was written since is not acknowledged.</exception>
    public async ValueTask ConfirmAsync(string done, CancellationToken ct)
    {
        if (await _store.AnnounceAsync(_lease, Encoding.UTF8.GetBytes(done), ct))
        {
            return;
        }

        var holder = await FindHolderAsync(_store, _repository, _location, ct);
        throw new LeaseHeldException(
            $"{_location} was taken over by {holder?.ToString() ?? "another sidecar"}; this one may not write there any more.",
            "What is stored locally stays restorable. If this sidecar is the right one, stop the other one and run 'backup-sidecar repository take-over'; otherwise take the repository out of this configuration.");
    }

    private static LeaseHeldException HeldBy(LeaseHolder holder, string location) => new(
        $"{location} is written by {holder}, since {holder.TakenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z.",
        "Two sidecars must not write to one repository. If that one is gone for good, or this one is the same under another name, run 'backup-sidecar repository take-over'; to make them the same from now on, give both the name of state.instance.");
}
