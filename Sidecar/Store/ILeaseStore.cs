namespace BackupSidecar.Store;

/// <summary>The leases of a repository's writers: each is created once, and a later one takes over from all before.</summary>
/// <remarks>
/// What every store guarantees, and the conformance suite tests. Reads are never stale: none of this goes through a listing that lags.
/// <list type="bullet">
/// <item>Of many that create lease n+1 exactly one gets it.</item>
/// <item>An announcement that was stored under a lease is seen by whoever took over after it; one that comes after the take-over is refused. There is no third case.</item>
/// <item>Content and announcement are at most <see cref="SizeMax"/> bytes each.</item>
/// </list>
/// </remarks>
internal interface ILeaseStore
{
    /// <summary>Bytes.</summary>
    const int SizeMax = 1 << 20;

    /// <returns>Null: there has been none.</returns>
    ValueTask<StoredLease?> FindNewestAsync(CancellationToken ct);

    /// <summary>Creates the lease after <paramref name="newest"/>. When it returns with one, the lease before can announce nothing any more.</summary>
    /// <param name="newest">What <see cref="FindNewestAsync"/> gave.</param>
    /// <param name="content">Whom the lease is for.</param>
    /// <param name="ct">Ends the wait; whether the lease was created is then not known.</param>
    /// <returns>Null: somebody else has created it.</returns>
    ValueTask<StoredLease?> TryCreateAsync(StoredLease? newest, ReadOnlyMemory<byte> content, CancellationToken ct);

    /// <summary>Goes on with a lease that was created before, by a process that may have died while it did. When it returns, the leases before can announce nothing any more.</summary>
    ValueTask ContinueAsync(StoredLease lease, CancellationToken ct);

    /// <summary>Says under a lease how far its writer has come; replaces what it said before.</summary>
    /// <returns>True: it is stored, and at that moment no later lease was in force. False: the lease has been taken over; whether it is stored is not known.</returns>
    ValueTask<bool> AnnounceAsync(StoredLease lease, ReadOnlyMemory<byte> announcement, CancellationToken ct);

    /// <returns>What was announced last under this lease; null: nothing.</returns>
    ValueTask<byte[]?> ReadAnnouncementAsync(StoredLease lease, CancellationToken ct);
}
