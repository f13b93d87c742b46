using BackupSidecar.Chain;
using BackupSidecar.Compaction;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Sync;

/// <summary>Local repository → remote repository, for one source: what is restorable here becomes restorable there. Start reading the room here.</summary>
/// <remarks>
/// (1) Look what is stored here, and now and then what is stored there    Repository
/// (2) Plan the packs that the remote lacks                               <see cref="SyncPlan"/>
/// (3) Put them: forwarded block for block, merged, or compared by page hashes   <see cref="ForwardedPack"/>, Compaction   ◄ the position is restorable there from here on
/// (4) Put the manifests of backups                                       Repository
/// (5) Put what was said of backups since: labels, pins, deletions        Repository
/// (6) Confirm by the lease that nobody has taken the repository over     Repository   ◄ acknowledged from here on
/// The newest position is always wanted; of older ones those that a backup keeps. A crash at any step leaves whole packs; the next run plans anew and finds them.
/// The live database is never touched, and nothing here waits for it. One object stays with its source: it remembers what is stored there, so that few runs need a listing.
/// </remarks>
/// <param name="local">What is given.</param>
/// <param name="remote">Open for writing. Nobody else writes there.</param>
/// <param name="options">How.</param>
/// <param name="time">Paces merges.</param>
internal sealed class SyncRun(IRepositoryReader local, BackupRepository remote, SyncOptions options, TimeProvider time)
{
    private SourceCatalog? _there;
    private bool _isConfirmed;
    private CompactionRun? _compaction;
    private DateTimeOffset? _nextEnd;
    private long _lookedAt;
    private long? _missedSince;
    private OperatorException? _doubt;

    /// <param name="sourceName">Its name, which is the same in both.</param>
    /// <param name="ct">Ends it between or within steps; the next run goes on.</param>
    /// <exception cref="OperatorException">Something cannot be read, or not be put. What was put before stays.</exception>
    public async ValueTask<SyncResult> ExecuteAsync(string sourceName, CancellationToken ct)
    {
        try
        {
            return await SyncAsync(sourceName, ct);
        }
        catch (Exception)
        {
            // What is there is not sure any more: a put may have taken effect although its answer was an error.
            _there = null;
            _isConfirmed = false;
            throw;
        }
    }

    /// <summary>Compacts what is stored there and ends deleted backups, where that is due. Otherwise nothing is asked of the repository.</summary>
    /// <exception cref="OperatorException">As of the other one.</exception>
    public async ValueTask<TidyResult> TidyAsync(CancellationToken ct)
    {
        if (_there is not { } there || options.Compaction is not { } compaction)
        {
            return new TidyResult(null, 0, null);
        }

        try
        {
            if (NextEnd(there) <= time.GetUtcNow() || CompactionOf(there.Source.Name, compaction).NextSweep(there) <= time.GetUtcNow())
            {
                // Nothing is deleted by who was taken over, nor for a replacement that somebody has removed since it was seen.
                there = time.GetElapsedTime(_lookedAt) >= options.LookAgainAfter ? await LookAsync(there.Source, ct) : there;
                await ConfirmAsync(there, ct);
                _isConfirmed = true;
            }

            var ended = await EndDeletedAsync(there, ct);
            there = _there = ended > 0 ? await remote.ReadCatalogAsync(there.Source, ct) : there;
            var run = CompactionOf(there.Source.Name, compaction);
            var done = run.NextRun(there) <= time.GetUtcNow() ? await run.ExecuteAsync(there, static _ => { }, ct) : null;
            var next = done is null ? run.NextRun(there) : done.Next;
            return new TidyResult(done, ended, next is null || NextEnd(there) < next ? NextEnd(there) ?? next : next);
        }
        catch (Exception)
        {
            _there = null;
            _isConfirmed = false;
            throw;
        }
    }

    /// <summary>What is merged there is read here, as far as the same positions are still here: a read there costs a request.</summary>
    private CompactionRun CompactionOf(string sourceName, CompactionOptions compaction) => _compaction ??= new CompactionRun(
        remote,
        compaction with
        {
            HasRoomFor = options.Spool is { } spool ? bytes => spool.Holds(SyncSpool.MergedBytesMax(bytes)) : null,
            FindNearer = async (name, ct) => await local.TryReadCatalogAsync(sourceName, ct) is { } here && SyncPlan.Between(here, name.From, name.To, compaction.Policy) is { } packs ? new MergePacks(local, packs) : null,
        },
        time);

    private ValueTask ConfirmAsync(SourceCatalog there, CancellationToken ct) =>
        remote.Lease?.ConfirmAsync(there.Source.Id, there.Newest, time.GetUtcNow(), ct) ?? ValueTask.CompletedTask;

    private async ValueTask<int> EndDeletedAsync(SourceCatalog there, CancellationToken ct)
    {
        if (!(NextEnd(there) <= time.GetUtcNow()))
        {
            return 0;
        }

        using var keeping = new BackupKeeping(remote, options.DeleteGrace, time);
        (var ended, _nextEnd) = await keeping.SweepAsync(there.Source, ct);
        return ended;
    }

    /// <summary>A backup that has to stay although it is due is looked at again when the last sweep said.</summary>
    private DateTimeOffset? NextEnd(SourceCatalog there)
    {
        var first = there.Manifests.Select(entry => there.MarkOf(entry.Name.Backup)).Where(mark => mark is { State: BackupMarkState.Deleted }).Min(mark => mark!.Value.SetAt + options.DeleteGrace as DateTimeOffset?);
        return first is not null && _nextEnd > first ? _nextEnd : first;
    }

    private async ValueTask<SyncResult> SyncAsync(string sourceName, CancellationToken ct)
    {
        // (1)
        if (await local.TryReadCatalogAsync(sourceName, ct) is not { } here)
        {
            return SyncResult.Nothing;
        }

        var gap = here.NewestListed is { } listed && listed != here.Newest ? here.GapOn(listed) : null;
        if (here.Newest is not { } newest)
        {
            return SyncResult.Nothing with { Gap = gap };
        }

        var backups = here.LastingManifests().Where(entry => here.CanReach(entry.Name.Position)).ToList();
        List<Position> wanted = [.. options.IsEveryPoint ? here.RestorePoints().Select(point => point.Position) : backups.Select(entry => entry.Name.Position), newest];
        var there = _there ?? await BeginAsync(here, ct);
        EnsureKnown(here, there);

        // (2)
        var plan = SyncPlan.Of(here, there, wanted, options.Merge.Policy);
        if (plan.Count > 0 && time.GetElapsedTime(_lookedAt) >= options.LookAgainAfter)
        {
            there = await BeginAsync(here, ct);
            EnsureKnown(here, there);
            plan = SyncPlan.Of(here, there, wanted, options.Merge.Policy);
        }

        // (3)
        var (packs, bytes) = (0, 0L);
        foreach (var planned in plan)
        {
            foreach (var step in await RefineAsync(planned, there, ct))
            {
                var put = await PutAsync(there, step, ct);
                there.Apply(new CatalogChange.PackAdded(new PackEntry(put.Name, put.Bytes)));
                (packs, bytes) = (packs + 1, bytes + put.Bytes);
            }
        }

        // (4), (5)
        var manifests = await PutManifestsAsync(backups, there, ct);
        var marks = await PutMarksAsync(here, there, ct);

        // (6)
        var result = new SyncResult(newest, packs, bytes, manifests, marks) { Doubt = _doubt, Gap = gap };
        if (result.DidAnything || !_isConfirmed)
        {
            // Also what an earlier run has put and could not confirm.
            await ConfirmAsync(there, ct);
            _isConfirmed = true;
        }

        _doubt = null;
        return result;
    }

    private async ValueTask<SourceCatalog> BeginAsync(SourceCatalog here, CancellationToken ct)
    {
        await remote.EnsureThereAsync(ct);
        return await LookAsync(await remote.RegisterSourceAsync(here.Source, ct), ct);
    }

    private async ValueTask<SourceCatalog> LookAsync(SourceRecord source, CancellationToken ct)
    {
        // What it shows may be another writer's: it is confirmed once, also where nothing is to be put.
        (_there, _isConfirmed) = (null, false);
        remote.Lease?.LookBeforeNext();
        var there = await remote.ReadCatalogAsync(source, ct);
        EnsureShown(there);
        _lookedAt = time.GetTimestamp();
        return _there = there;
    }

    /// <summary>What was acknowledged and no listing shows yet may be built upon by nobody, and would not be kept by a compaction. Where it does not come, it is lost, and everything goes there again.</summary>
    private void EnsureShown(SourceCatalog there)
    {
        if (there.Announced is not { } announced || there.CanReach(announced))
        {
            _missedSince = null;
            return;
        }

        _missedSince ??= time.GetTimestamp();
        var missing = $"{remote.Location} does not show position {announced} of source '{there.Source.Name}', which was acknowledged there.";
        if (time.GetElapsedTime(_missedSince.Value) < options.ListingLagMax)
        {
            throw new OperatorException(
                FailureKind.Failed, missing, $"A listing may lag: this is tried again for {DurationText.Of(options.ListingLagMax)}, then what is stored locally goes there without it. 'repository check' tells what is missing.");
        }

        _doubt = new OperatorException(FailureKind.Partial, missing, "It counts as lost: what is stored locally goes there without it. Find out who removes objects from the repository; 'repository check' tells what is missing.");
    }

    /// <summary>Numbers order the history: a newest position there that is unknown here must not stand above what is put there now. And none may stand for two contents: what is put now would be put onto the wrong one.</summary>
    private void EnsureKnown(SourceCatalog here, SourceCatalog there)
    {
        if (here.OtherHistoryIn(there) is { } other)
        {
            throw other;
        }

        if (here.NewestListed is { } newest && there.NewestListed is { } last && last.Transaction >= newest.Transaction && last != newest && !here.Packs.Any(pack => pack.Name.From == last || pack.Name.To == last))
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"{remote.Location} holds position {last} of source '{here.Source.Name}', and the newest one here is {newest}: two histories of one name.",
                "Does another sidecar use that repository, or was the local one set up before that one was configured? Give this database another name, or begin with an empty local repository: the history then goes on where that one ends.");
        }
    }

    /// <summary>Pages of different sizes cannot be compared, which names do not tell: then the position goes there as a whole.</summary>
    private async ValueTask<IEnumerable<SyncStep>> RefineAsync(SyncStep step, SourceCatalog there, CancellationToken ct)
    {
        if (!step.IsCompared)
        {
            return [step];
        }

        await using var had = await ChainReader.OpenAsync(remote, there.ChainTo(step.From), ct);
        await using var given = await ChainReader.OpenAsync(local, new PackChain(step.To, [.. step.Packs.Reverse()]), ct);
        return had.Shape.PageSizeBytes == given.Shape.PageSizeBytes ? [step] : SyncPlan.FromNothing(step.Packs, options.Merge.Policy);
    }

    private ValueTask<ManifestPack> PutAsync(SourceCatalog there, SyncStep step, CancellationToken ct)
    {
        var last = step.Packs[^1].Name;
        var name = remote.NameToPut(new PackName(there.Source.Id, step.From, step.To, last.CaptureTimeMicroseconds, step.PackIn(remote.Id)) { Stamp = remote.Stamp }, there);
        return step.IsForwarded ? ForwardAsync(last, name, ct) : MergeAsync(there, step, name, ct);
    }

    private async ValueTask<ManifestPack> ForwardAsync(PackName pack, PackName name, CancellationToken ct)
    {
        await using var stored = await local.OpenPackAsync(pack, ct);
        var reader = await ChainReader.ReadAsync(local, stored, pack, ct);
        var header = reader.Header with { Repository = remote.Id, Source = name.Source, Pack = name.Pack, FencingNumber = (ulong)name.Stamp.Lease };
        await using var forwarded = await ForwardedPack.OpenAsync(stored, reader, header, ct);
        await remote.PutPackAsync(name, forwarded, ct);
        return new ManifestPack(name, forwarded.Length, forwarded.Digest);
    }

    private async ValueTask<ManifestPack> MergeAsync(SourceCatalog there, SyncStep step, PackName name, CancellationToken ct)
    {
        var merge = new PackMerge(options.Merge, time);
        var onto = step.IsCompared ? new MergeBase(remote, [.. there.ChainTo(step.From).NewestFirst.Reverse()]) : null;
        await EnsureRoomAsync(there.Source.Name, merge, step, onto, ct);
        await using var upload = await remote.StagePackAsync(name, ct);
        var merged = await merge.RunAsync(local, step.Packs, new MergeTarget(remote.Id, name, upload.Content) { Base = onto }, ct);
        await upload.PublishAsync(ct);
        return merged;
    }

    /// <summary>Of a comparison only what differs is stored, which is known when all hashes were compared: that is done only where not everything would fit.</summary>
    private async ValueTask EnsureRoomAsync(string sourceName, PackMerge merge, SyncStep step, MergeBase? onto, CancellationToken ct)
    {
        if (options.Spool is not { } spool || spool.Holds(SyncSpool.MergedBytesMax(step.Bytes)))
        {
            return;
        }

        var needed = onto is null ? step.Bytes : Math.Min(step.Bytes, await merge.CountDifferentBytesAsync(local, step.Packs, onto, ct));
        if (!spool.Holds(SyncSpool.MergedBytesMax(needed)))
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"What {remote.Location} lacks of source '{sourceName}' needs up to {MebibytesOf(SyncSpool.MergedBytesMax(needed))} MiB in {spool.Directory} until it is sent, and {MebibytesOf(SyncSpool.ReserveBytes)} MiB must stay free; {spool.FreeBytes() >> 20} MiB are free.",
                "Make room on that volume, or move state.path to a larger one. Captures go on, and this is tried again by itself.");
        }
    }

    private static long MebibytesOf(long bytes) => (bytes + (1 << 20) - 1) >> 20;

    private async ValueTask<int> PutManifestsAsync(List<ManifestEntry> backups, SourceCatalog there, CancellationToken ct)
    {
        var known = there.Manifests.Select(entry => entry.Name.Backup).ToHashSet();
        var missing = backups.Where(entry => !known.Contains(entry.Name.Backup)).ToList();
        foreach (var entry in missing)
        {
            var backup = await local.ReadManifestAsync(entry, ct);
            var chain = there.ChainTo(backup.Position);
            await using var reader = await ChainReader.OpenAsync(remote, chain, ct);
            var published = await remote.PublishManifestAsync(
                backup with
                {
                    RepositoryId = remote.Id,
                    Source = backup.Source with { Id = there.Source.Id },
                    Pack = new ManifestPack(chain.Tip.Name, chain.Tip.Length, reader.Tip.Digest),
                },
                ct);
            there.Apply(new CatalogChange.ManifestAdded(published));
        }

        return missing.Count;
    }

    /// <summary>The newest mark of each backup that is stored there, where it is newer than the newest there.</summary>
    private async ValueTask<int> PutMarksAsync(SourceCatalog here, SourceCatalog there, CancellationToken ct)
    {
        var count = 0;
        foreach (var backup in there.Manifests.Select(entry => entry.Name.Backup).ToList())
        {
            if (here.MarkOf(backup) is not { } mark || there.MarkOf(backup)?.SetAtMicroseconds >= mark.SetAtMicroseconds)
            {
                continue;
            }

            var said = await local.ReadMarkAsync(mark, ct);
            var name = mark with { Source = there.Source.Id, Stamp = remote.Stamp };
            await remote.PublishMarkAsync(said with { Name = name }, ct);
            there.Apply(new CatalogChange.MarkAdded(name));
            count++;
        }

        return count;
    }
}
