using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Policies;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Compaction;

/// <summary>Compacts one source: many short packs → few long ones. Start reading here.</summary>
/// <remarks>
/// (1) Delete what was tombstoned and whose grace is over       Repository
/// (2) Decide: what is merged next, what is removed             Policies
/// (3) Merge, publish, read the index back and prove it         Pack, Chain, Repository   ◄ again from (2) until nothing is left to merge
/// (4) Prove what replaces the packs that nothing needs         Chain
/// (5) Set tombstones on those                                  Repository
/// Nothing is removed before what takes its place was published and read back. A crash at any step leaves a repository in which everything promised can
/// be rebuilt; the next run decides anew and finds the merged packs, and the tombstones, of the one before.
/// One object stays with its source: it remembers what it proved and which merges failed, so that neither is done again every few seconds.
/// </remarks>
internal sealed class CompactionRun(BackupRepository repository, CompactionOptions options, TimeProvider time)
{
    private readonly CompactionPolicy _policy = new(options.Policy);

    /// <summary>Merged packs whose index was read back.</summary>
    private readonly HashSet<PackName> _proved = [];

    /// <summary>Merges whose packs are damaged, by their ends.</summary>
    private readonly Dictionary<(Position From, Position To), OperatorException> _failed = [];

    /// <summary>Of these those for which there was no room: they are tried again.</summary>
    private readonly List<(Position From, Position To)> _putOff = [];

    private DateTimeOffset? _tombstonedAt;

    /// <param name="catalog">What is in the repository: this run's own copy. It follows what is done.</param>
    /// <param name="changed">Called after every object that was published or deleted, for other catalogs to follow; also where the run fails later.</param>
    /// <param name="ct">Ends the run between or within steps; the next one goes on.</param>
    /// <exception cref="OperatorException">The repository cannot be read or written. Damaged packs do not end a run: they are doubts of its result.</exception>
    public async ValueTask<CompactionResult> ExecuteAsync(SourceCatalog catalog, Action<CatalogChange> changed, CancellationToken ct)
    {
        var work = new Work(catalog, changed);
        work.Doubts.AddRange(catalog.Doubts);
        _putOff.ForEach(ends => _failed.Remove(ends));
        _putOff.Clear();

        // (1)
        await SweepAsync(work, ct);

        // (2), (3)
        var decision = Decide(catalog);
        while (await MergeAsync(work, decision.Merges, ct))
        {
            decision = Decide(catalog);
        }

        // (4), (5)
        if (decision.IsHeldBack)
        {
            work.Doubts.Add(HeldBack(catalog));
        }

        var next = await RemoveAsync(work, decision, ct);
        work.Doubts.AddRange(_failed.Values);
        _proved.IntersectWith(catalog.Packs.Select(pack => pack.Name));
        return new CompactionResult(
            work.Merges, work.FarMerges, work.PacksMerged, work.BytesRead, work.BytesWritten, work.PacksTombstoned, work.PacksDeleted, [.. work.Doubts.Distinct()], next);
    }

    /// <summary>Whether and when there is something to do. Looks at names only.</summary>
    /// <returns>Now or earlier: run it. Null: never, if nothing is captured.</returns>
    public DateTimeOffset? NextRun(SourceCatalog catalog)
    {
        var decision = Decide(catalog);
        return Earlier(Earlier(decision.Next, NextSweep(catalog)), NextTombstone(catalog, decision.Removals.Count));
    }

    /// <summary>When these may be removed; null: there are none.</summary>
    private DateTimeOffset? NextTombstone(SourceCatalog catalog, int removals)
    {
        var now = time.GetUtcNow();
        var last = catalog.Tombstones.Select(tombstone => (DateTimeOffset?)tombstone.Name.CreatedAt).Append(_tombstonedAt).Where(at => at <= now).Max();
        return removals == 0 ? null : removals >= Tombstone.PacksMax || last is not { } at || at + options.TombstoneEvery < now ? now : at + options.TombstoneEvery;
    }

    private async ValueTask SweepAsync(Work work, CancellationToken ct)
    {
        foreach (var tombstone in work.Catalog.Tombstones.Where(tombstone => tombstone.Name.CreatedAt + options.Grace <= time.GetUtcNow()).ToList())
        {
            // Asked again for each: a pack that was to take their place may have been lost since.
            var isSwept = CompactionPolicy.MaySweep(StateOf(work.Catalog));
            if (isSwept)
            {
                await repository.SweepAsync(tombstone, ct);
                work.PacksDeleted += tombstone.Packs.Count;
            }
            else
            {
                await repository.WithdrawTombstoneAsync(tombstone, ct);
                work.Doubts.Add(Withdrawn(tombstone));
            }

            work.Apply(new CatalogChange.TombstoneEnded(tombstone, isSwept));
        }
    }

    /// <returns>True if there was something to merge, so that there may be more.</returns>
    private async ValueTask<bool> MergeAsync(Work work, IReadOnlyList<CompactionMerge> merges, CancellationToken ct)
    {
        foreach (var inputs in merges.Select(merge => merge.Inputs.Select(place => work.Catalog.Packs[place]).ToList()).ToList())
        {
            if (options.HasRoomFor is { } hasRoomFor && !hasRoomFor(inputs.Sum(pack => pack.Length)))
            {
                var ends = (inputs[0].Name.From, inputs[^1].Name.To);
                _putOff.Add(ends);
                _failed[ends] = NoRoomFor(work.Catalog, inputs);
                continue;
            }

            try
            {
                await MergeAsync(work, inputs, ct);
            }
            catch (PackFormatException e)
            {
                _failed[(inputs[0].Name.From, inputs[^1].Name.To)] = e;
            }
        }

        return merges.Count > 0;
    }

    private async ValueTask MergeAsync(Work work, List<PackEntry> inputs, CancellationToken ct)
    {
        var merge = new PackMerge(options, time);
        var merged = await PublishAsync(work, merge, inputs, ct);
        try
        {
            await ProveAsync(merged.Name, merged.TrailerDigest, ct);
        }
        catch (OperatorException)
        {
            // Nothing was removed for it yet. What cannot be read back must not be built upon.
            await repository.DeletePackAsync(merged.Name, ct);
            throw;
        }

        work.Merges++;
        work.PacksMerged += inputs.Count;
        work.BytesRead += merge.Bytes - merged.Bytes;
        work.BytesWritten += merged.Bytes;
        work.Apply(new CatalogChange.PackAdded(new PackEntry(merged.Name, merged.Bytes)));
    }

    /// <returns>The published pack and the digest that its trailer ends with.</returns>
    private async ValueTask<ManifestPack> PublishAsync(Work work, PackMerge merge, List<PackEntry> inputs, CancellationToken ct)
    {
        var from = inputs[0].Name.From;
        var name = repository.NameToPut(inputs[^1].Name with { From = from, Pack = MergedPackId.Of("compacted", repository.Id, from, inputs), Stamp = repository.Stamp }, work.Catalog);
        if (options.FindNearer is { } find)
        {
            if (await find(name, ct) is { } nearer && await TryMergeAsync(merge, name, nearer, ct) is { } published)
            {
                return published;
            }

            work.FarMerges++;
        }

        await using var upload = await repository.StagePackAsync(name, ct);
        var merged = await merge.RunAsync(repository, inputs, new MergeTarget(repository.Id, name, upload.Content), ct);
        await upload.PublishAsync(ct);
        return merged;
    }

    /// <summary>By packs that lie elsewhere.</summary>
    /// <returns>Null: they cannot be read, or are damaged. Nothing was published.</returns>
    private async ValueTask<ManifestPack?> TryMergeAsync(PackMerge merge, PackName name, MergePacks nearer, CancellationToken ct)
    {
        await using var upload = await repository.StagePackAsync(name, ct);
        ManifestPack merged;
        try
        {
            merged = await merge.RunAsync(nearer.Repository, nearer.Packs, new MergeTarget(repository.Id, name, upload.Content), ct);
        }
        catch (OperatorException)
        {
            // The repository's own packs are still there.
            return null;
        }

        await upload.PublishAsync(ct);
        return merged;
    }

    private async ValueTask<DateTimeOffset?> RemoveAsync(Work work, CompactionDecision decision, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var removals = decision.Removals.Select(place => work.Catalog.Packs[place]).ToList();
        if (NextTombstone(work.Catalog, removals.Count) is { } next && next > now)
        {
            return Earlier(Earlier(decision.Next, NextSweep(work.Catalog)), next);
        }

        var removed = removals.Select(pack => pack.Name).ToHashSet();
        foreach (var pack in await WithProvedReplacementAsync(work, removed, ct) is { } removable ? removable.Chunk(Tombstone.PacksMax) : [])
        {
            var tombstone = await repository.PublishTombstoneAsync(work.Catalog.Source.Id, pack, now, ct);
            _tombstonedAt = now;
            work.PacksTombstoned += pack.Length;
            work.Apply(new CatalogChange.TombstoneAdded(tombstone));
        }

        return Earlier(decision.Next, NextSweep(work.Catalog));
    }

    /// <summary>Reads back the index of every pack that takes the place of a removed one, unless that was done before.</summary>
    /// <returns>The packs to remove: all, or none if a replacement is damaged.</returns>
    private async ValueTask<IReadOnlyList<PackName>> WithProvedReplacementAsync(Work work, HashSet<PackName> removed, CancellationToken ct)
    {
        try
        {
            foreach (var replacement in ReplacementsOf(work.Catalog, removed))
            {
                if (!_proved.Contains(replacement))
                {
                    await ProveAsync(replacement, digest: null, ct);
                }
            }

            return [.. removed.Order()];
        }
        catch (PackFormatException e)
        {
            work.Doubts.Add(e);
            return [];
        }
    }

    /// <summary>For each removed pack the shortest one that stays and spans it, if there is one.</summary>
    private static HashSet<PackName> ReplacementsOf(SourceCatalog catalog, HashSet<PackName> removed)
    {
        var replacements = new HashSet<PackName>();
        if (removed.Count == 0)
        {
            return replacements;
        }

        var lasting = catalog.LastingPacks()
            .Select(pack => pack.Name)
            .Where(pack => !pack.IsFull && !removed.Contains(pack))
            .GroupBy(pack => pack.To.Timeline)
            .ToDictionary(group => group.Key, group => group.ToList());
        foreach (var pack in removed)
        {
            var shortest = default(PackName?);
            var candidates = lasting.GetValueOrDefault(pack.To.Timeline, []);
            for (var i = FirstTo(candidates, pack.To.Transaction); i < candidates.Count; i++)
            {
                // In order of their ends, so the first that spans it has the nearest end; behind it only longer ones come that end later.
                if (candidates[i].From.Transaction <= pack.From.Transaction)
                {
                    shortest = candidates[i];
                    break;
                }
            }

            if (shortest is { } replacement)
            {
                _ = replacements.Add(replacement);
            }
        }

        return replacements;
    }

    private static int FirstTo(List<PackName> packs, TransactionId transaction)
    {
        var (low, high) = (0, packs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = packs[middle].To.Transaction < transaction ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Name, header, trailer and index, as they came back from the store.</summary>
    private async ValueTask ProveAsync(PackName name, Sha256Digest? digest, CancellationToken ct)
    {
        await using var stored = await repository.OpenPackAsync(name, ct);
        var pack = await ChainReader.ReadAsync(repository, stored, name, ct);
        await foreach (var _ in pack.ReadIndexAsync(ct))
        {
        }

        if (digest is { } written && pack.Digest != written)
        {
            throw new PackFormatException(pack.Name, $"its trailer ends with {pack.Digest}, but {written} was written");
        }

        _ = _proved.Add(name);
    }

    private CompactionDecision Decide(SourceCatalog catalog) => _policy.Decide(StateOf(catalog));

    private CompactionState StateOf(SourceCatalog catalog) => new(
        [.. catalog.Packs.Select(pack => new CompactionPack(
            pack.Name.From, pack.Name.To, pack.Name.CaptureTime, pack.Length, catalog.IsTombstoned(pack.Name)))],
        catalog.Manifests.Select(manifest => manifest.Name.Position).ToHashSet(),
        _failed.Keys.ToHashSet(),
        time.GetUtcNow());

    /// <summary>When packs are deleted next; null: none is about to go.</summary>
    public DateTimeOffset? NextSweep(SourceCatalog catalog) =>
        catalog.Tombstones.Select(tombstone => (DateTimeOffset?)(tombstone.Name.CreatedAt + options.Grace)).Min();

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    private OperatorException NoRoomFor(SourceCatalog catalog, List<PackEntry> inputs) => new(
        FailureKind.Partial,
        $"Packs of source '{catalog.Source.Name}' in {repository.Location} are not merged: {inputs.Sum(pack => pack.Length) >> 20} MiB have no room on the local disk until they are sent.",
        "Make room on the volume of state.path. Nothing is lost by this: restores read more packs until then.");

    private static OperatorException Withdrawn(Tombstone tombstone) => new(
        FailureKind.Partial,
        $"Compaction took back '{tombstone.Name}': its packs are needed again, since one that had taken their place is gone.",
        "Nothing was lost by this. Find out who removes packs from the repository; 'verify' shows what is missing.");

    private static OperatorException HeldBack(SourceCatalog catalog) => new(
        FailureKind.Partial,
        $"Compaction removes nothing of source '{catalog.Source.Name}': its newest position, or one that a backup keeps, cannot be rebuilt.",
        "Bring the missing packs back from a copy of the repository; 'verify' names them.");

    /// <summary>What one execution has done so far.</summary>
    private sealed class Work(SourceCatalog catalog, Action<CatalogChange> changed)
    {
        public SourceCatalog Catalog => catalog;

        public List<OperatorException> Doubts { get; } = [];

        public int Merges { get; set; }

        public int FarMerges { get; set; }

        public int PacksMerged { get; set; }

        public long BytesRead { get; set; }

        public long BytesWritten { get; set; }

        public int PacksTombstoned { get; set; }

        public int PacksDeleted { get; set; }

        public void Apply(CatalogChange change)
        {
            catalog.Apply(change);
            changed(change);
        }
    }
}
