using System.Collections.Concurrent;
using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>The right to write to a repository that several machines can reach: numbered, without heartbeat and without expiry, so that no clock decides.</summary>
/// <remarks>
/// The same state directory goes on with its lease; the same instance on another host, or whoever is told to take over, creates the next one. From then on the former holder cannot announce anything, and what is not
/// announced is not acknowledged. What it puts all the same bears the number of the announcement that it never made (<see cref="WriterStamp"/>), and readers leave it out: whoever takes over
/// writes down how far the leases before count (<see cref="FenceName"/>). A copy of the state directory, as of a cloned machine, holds the same lease: whoever looks
/// (<see cref="LookBeforeNext"/>) finds announcements of the other and announces no more. Until then each overwrites what the other announced: so that nothing of either is fenced off, numbers follow the clock, and never go back. Not for writing by several threads; readers may ask at any time.
/// </remarks>
internal sealed class WriterLease
{
    /// <summary>Own numbers that are remembered: with one a minute those of a week. One that came back after that would be taken for another process's.</summary>
    private const int MineMax = 10_000;

    /// <summary>Whoever took over would leave out what was acknowledged, or count what was not.</summary>
    private const string AnnouncementHint =
        "How far its sidecar came is not known, so that nobody can begin to write there; what is stored there can be restored. " +
        "If that sidecar still runs, let it store something: it announces anew. Otherwise bring the announcement back from a copy of the repository, use the program version that wrote it, " +
        "or make a new repository with 'repository add' and name it in the configuration in the place of this one: serve feeds it, and 'repository copy' brings older points into a directory.";

    private readonly ILeaseStore _store;
    private readonly StoredLease _lease;
    private readonly RepositoryId _repository;
    private readonly string _location;
    private readonly ConcurrentDictionary<SourceId, Position> _newest;

    /// <summary>The numbers that this process has announced. The last one stands, or one since whose answer is lost, or an earlier one that Google Drive brought back.</summary>
    private readonly SortedSet<long> _mine = [];

    private long _announced;
    private long _next;
    private bool _hasAnnounced;
    private bool _isToLook = true;

    private WriterLease(ILeaseStore store, StoredLease lease, RepositoryId repository, string location, WriterFences fences, IEnumerable<KeyValuePair<SourceId, Position>> newest, long announced)
    {
        _store = store;
        _lease = lease;
        _repository = repository;
        _location = location;
        Fences = fences;
        _newest = new ConcurrentDictionary<SourceId, Position>(newest);
        _announced = announced;

        // Two on: a process of ours that was killed may have announced one more, and nobody has seen it yet.
        _next = announced + 2;
    }

    public long Number => _lease.Number;

    /// <summary>Of what is put before the next announcement.</summary>
    public WriterStamp Stamp => new(Number, _next);

    /// <summary>Goes on with a put that an earlier process began under another stamp, if what is put under that one counts only by an announcement that is still to come.</summary>
    /// <returns>False: what is put under it now might count although somebody else has taken over.</returns>
    public bool TryGoOnWith(WriterStamp begun)
    {
        if (begun.Lease != Number || begun.Announcement <= _announced)
        {
            return false;
        }

        _next = Math.Max(_next, begun.Announcement);
        return true;
    }

    /// <summary>Before the next announcement it is looked whether another process announces under this lease, which costs a read.</summary>
    public void LookBeforeNext() => _isToLook = true;

    /// <summary>How far all leases before this one count.</summary>
    public WriterFences Fences { get; }

    /// <summary>The newest position of a source that was announced, by this writer or one before; null: none was.</summary>
    public Position? NewestOf(SourceId source) => _newest.TryGetValue(source, out var position) ? position : null;

    /// <param name="leases">Of the repository.</param>
    /// <param name="objects">The same store.</param>
    /// <param name="repository">Its id.</param>
    /// <param name="me">Who asks.</param>
    /// <param name="takeOver">True: from whoever holds it.</param>
    /// <param name="ct">Ends the wait; whether a lease was created is then not known.</param>
    /// <exception cref="LeaseHeldException">Somebody else holds it, or was quicker.</exception>
    public static async ValueTask<WriterLease> TakeAsync(ILeaseStore leases, IObjectStore objects, RepositoryId repository, LeaseHolder me, bool takeOver, CancellationToken ct)
    {
        var location = objects.Location;
        var newest = await leases.FindNewestAsync(ct);
        if (newest is not null)
        {
            var holder = LeaseCodec.Parse(newest.Content, newest.Number, repository, location);
            if (holder.StateId == me.StateId)
            {
                return await BeginAsync(leases, objects, newest, repository, ct);
            }

            if (!takeOver && !holder.IsSameAs(me))
            {
                throw HeldBy(holder, location);
            }

            // Before the next lease is there: the holder can still make good a damaged announcement, and afterwards nobody can.
            _ = await ReadAsync(leases, newest.Number, repository, location, ct);
        }

        return await leases.TryCreateAsync(newest, LeaseCodec.ToBytes(me, repository), ct) is { } created
            ? await BeginAsync(leases, objects, created, repository, ct)
            : throw new LeaseHeldException($"Another sidecar has just taken {location}.", "Find out which one is to write there: 'backup-sidecar repository take-over' decides it.");
    }

    /// <returns>Who holds it; null: nobody ever has.</returns>
    public static async ValueTask<LeaseHolder?> FindHolderAsync(ILeaseStore store, RepositoryId repository, string location, CancellationToken ct) =>
        await store.FindNewestAsync(ct) is { } newest ? LeaseCodec.Parse(newest.Content, newest.Number, repository, location) : null;

    /// <param name="store">Of the repository.</param>
    /// <param name="fences">How far former leases count.</param>
    /// <param name="repository">Its id.</param>
    /// <param name="location">Of the store, for messages.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>What was announced last, under whichever lease; null: nothing ever was.</returns>
    /// <exception cref="DocumentFormatException">It is damaged.</exception>
    public static async ValueTask<LeaseAnnouncement?> ReadAnnouncementAsync(ILeaseStore store, WriterFences fences, RepositoryId repository, string location, CancellationToken ct) =>
        await store.FindNewestAsync(ct) is { } newest ? (await ReadLastAsync(store, fences, newest.Number, repository, location, ct)).Said : null;

    /// <summary>Says how far this writer has come. When it returns, nobody had taken over before, and whoever does later learns of it.</summary>
    /// <param name="source">The source that something was put of.</param>
    /// <param name="newest">Its newest position there; null: it has none.</param>
    /// <param name="now">The time, from which the number is taken where that is larger than the last one.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="LeaseHeldException">Somebody else has taken over: what was written since is not acknowledged.</exception>
    public async ValueTask ConfirmAsync(SourceId source, Position? newest, DateTimeOffset now, CancellationToken ct)
    {
        if (newest is { } position)
        {
            _newest[source] = position;
        }

        await EnsureAloneAsync(ct);
        await AnnounceAsync(Math.Max(_next, now.ToUnixTimeMilliseconds()), ct);
    }

    private async ValueTask AnnounceAsync(long number, CancellationToken ct)
    {
        // An announcement whose answer is lost may stand: what is put after it must not count by it.
        _next = number + 1;
        _ = _mine.Add(number);
        if (_mine.Count > MineMax)
        {
            _ = _mine.Remove(_mine.Min);
        }

        if (await _store.AnnounceAsync(_lease, LeaseAnnouncementCodec.ToBytes(new LeaseAnnouncement(number, _newest), _repository), ct))
        {
            (_announced, _hasAnnounced) = (number, true);
            return;
        }

        throw TakenOverBy(await FindHolderAsync(_store, _repository, _location, ct));
    }

    /// <summary>Until one announcement of this process has come through, what stands there is its predecessor's, killed meanwhile, or its own. Later on nobody else announces under this lease.</summary>
    private async ValueTask EnsureAloneAsync(CancellationToken ct)
    {
        if (!_isToLook)
        {
            return;
        }

        LeaseAnnouncement? stored;
        try
        {
            stored = await ReadAsync(_store, Number, _repository, _location, ct);
        }
        catch (DocumentFormatException)
        {
            // What takes its place is whole.
            return;
        }

        // Where nothing stands any more, the leases may be gone, which the next announcement tells.
        if (_hasAnnounced && stored is not null && !_mine.Contains(stored.Number))
        {
            throw AnnouncedByAnother();
        }

        (_next, _isToLook) = (Math.Max(_next, (stored?.Number ?? 0) + 1), false);
    }

    private LeaseHeldException AnnouncedByAnother() => new(
        $"{_location} is written by another process under the same lease as this one: it has a copy of its state directory, as a cloned machine or volume has.",
        "Stop one of the two. If the copy is to go on, remove 'state.id' from its state directory and give it another repository; then start this sidecar again.");

    private static async ValueTask<WriterLease> BeginAsync(ILeaseStore leases, IObjectStore objects, StoredLease lease, RepositoryId repository, CancellationToken ct)
    {
        await leases.ContinueAsync(lease, ct);
        var fences = await FenceOffAsync(leases, objects, lease.Number, repository, ct);
        var (under, said) = await ReadLastAsync(leases, fences, lease.Number, repository, objects.Location, ct);
        var begun = new WriterLease(leases, lease, repository, objects.Location, fences, said is null ? [] : said.Newest, under == lease.Number ? said!.Number : 0);
        if (said is not null && under != lease.Number)
        {
            // Said again under this lease: the former writer may still overwrite what stands under its own, although that is refused.
            await begun.AnnounceAsync(begun._next, ct);
        }

        return begun;
    }

    /// <summary>Writes down how far each lease before counts. Nothing can be announced under them any more, so that everybody who comes here finds the same.</summary>
    private static async ValueTask<WriterFences> FenceOffAsync(ILeaseStore leases, IObjectStore objects, long number, RepositoryId repository, CancellationToken ct)
    {
        var stored = await WriterFences.ReadAsync(objects, ct);
        var fences = new List<FenceName>();
        for (var former = 1L; former < number; former++)
        {
            if (stored.LastOf(former) is { } last)
            {
                fences.Add(new FenceName(former, last));
                continue;
            }

            var said = await ReadAsync(leases, former, repository, objects.Location, ct);
            var fence = new FenceName(former, said?.Number ?? 0);
            try
            {
                await objects.PublishSmallAsync(fence.ToObjectName(), SealedDocument.Seal(
                    new FenceDocument(1, repository.ToString(), fence.Lease, fence.Announcement, SealedDocument.Unsealed), DocumentJson.Default.FenceDocument), ct);
            }
            catch (ObjectExistsException)
            {
                // No listing had shown it yet.
            }

            fences.Add(fence);
        }

        return new WriterFences(fences);
    }

    /// <returns>The last announcement that was not refused, and the lease that it was made under; 0: there is none.</returns>
    private static async ValueTask<(long Lease, LeaseAnnouncement? Said)> ReadLastAsync(ILeaseStore leases, WriterFences fences, long newest, RepositoryId repository, string location, CancellationToken ct)
    {
        for (var number = newest; number > 0; number--)
        {
            if (await ReadAsync(leases, number, repository, location, ct) is { } said && fences.Counts(new WriterStamp(number, said.Number)))
            {
                return (number, said);
            }
        }

        return (0, null);
    }

    private static async ValueTask<LeaseAnnouncement?> ReadAsync(ILeaseStore leases, long number, RepositoryId repository, string location, CancellationToken ct)
    {
        var bytes = await leases.ReadAnnouncementAsync(new StoredLease(number, default), ct);
        try
        {
            return bytes is null ? null : LeaseAnnouncementCodec.Parse(bytes, number, repository, location);
        }
        catch (DocumentFormatException e)
        {
            throw new DocumentFormatException(e, AnnouncementHint);
        }
    }

    private LeaseHeldException TakenOverBy(LeaseHolder? holder)
    {
        if (holder is null)
        {
            return new LeaseHeldException(
                $"The leases of {_location} are gone: it was emptied or replaced, or its volume is not mounted.",
                "Nothing is written there. Bring it back. If it is gone for good, make it anew with 'backup-sidecar repository add' and start serve again: everything then goes there anew.");
        }

        return holder.StateId == LeaseCodec.Parse(_lease.Content, Number, _repository, _location).StateId
            ? new LeaseHeldException($"{_location} has a newer lease of this same sidecar, by 'repository take-over' or by another process with its state directory.", "serve goes on with that one by itself.") { IsOurs = true }
            : new LeaseHeldException(
                $"{_location} was taken over by {holder}; this one may not write there any more.",
                "What is stored locally stays restorable. If this sidecar is the right one, stop the other one and run 'backup-sidecar repository take-over'; otherwise take the repository out of this configuration.");
    }

    private static LeaseHeldException HeldBy(LeaseHolder holder, string location) => new(
        $"{location} is written by {holder}, since {holder.TakenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z.",
        "Two sidecars must not write to one repository. If that one is gone for good, or this one is the same under another name, run 'backup-sidecar repository take-over'; to make them the same from now on, give both the name of state.instance.");
}
