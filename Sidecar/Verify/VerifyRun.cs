using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Verify;

/// <summary>Proves what a repository can restore, holding nothing that could change it. Start reading here.</summary>
/// <remarks>
/// Everything stored belongs to a source whose record is whole. For each source: (1) every manifest is read and checked; (2) every pack: name, header, trailer, index, and from level data on each block;
/// (3) every position has an unbroken chain of packs of which none is damaged, and each backup that has none is named; (4) the last position of each branch adds up to its fingerprint; where compaction left several packs to
/// one position, each leads to the same state; (5) at level drill the newest position is restored. A finding never ends the run: all are reported.
/// Compaction may go on meanwhile: a pack that is gone and was removed by it is no finding, as long as nothing needs it.
/// </remarks>
internal sealed class VerifyRun(IRepositoryReader repository, VerifyOptions options, TimeProvider time, IProgress<ProgressReport>? progress)
{
    private readonly VerifyCoverage _coverage = new();
    private readonly List<VerifyFinding> _findings = [];
    private readonly List<PassedDrill> _drills = [];
    private readonly List<(string Source, VerifyFinding Finding)> _damagedNewest = [];
    private readonly HashSet<PackName> _damaged = [];
    private readonly HashSet<PackName> _notChecked = [];
    private long _bytesTotal;

    public async ValueTask<VerifyResult> ExecuteAsync(CancellationToken ct)
    {
        var started = time.GetTimestamp();
        if (options.Level == VerifyLevel.Drill)
        {
            Drill().RequireScratch();
        }

        foreach (var source in await FindSourcesAsync(ct))
        {
            var catalog = await repository.ReadCatalogAsync(source, ct);
            _coverage.Sources++;
            _bytesTotal += catalog.Packs.Sum(pack => pack.Length);
            foreach (var unknown in catalog.UnknownObjects)
            {
                Add(unknown.ToString(), "its name is not one that this program gives", "It is not used. Find out who put it there.", VerifyFindingKind.Note);
            }

            foreach (var doubt in catalog.Doubts)
            {
                Add($"source {source.Name}", doubt.Message, doubt.Hint, VerifyFindingKind.Note);
            }

            var packs = await VerifyPacksAsync(catalog, ct);

            // Packs that compaction removed meanwhile are missed by nobody who looks now.
            catalog = await repository.ReadCatalogAsync(source, ct);
            await VerifyManifestsAsync(catalog, packs, ct);
            VerifyLinks(packs);
            await VerifyPositionsAsync(catalog, ct);
            if (DamageOfNewest(catalog) is { } damage)
            {
                _damagedNewest.Add((source.Name, damage));
            }

            if (options.Level == VerifyLevel.Drill)
            {
                await DrillAsync(catalog, ct);
            }
        }

        return new VerifyResult(options.Level, _coverage, _findings, _drills, time.GetElapsedTime(started)) { DamagedNewest = _damagedNewest };
    }

    private async ValueTask<IReadOnlyList<SourceRecord>> FindSourcesAsync(CancellationToken ct)
    {
        if (options.SourceName is { } name)
        {
            return [await repository.FindSourceAsync(name, ct)];
        }

        var sources = new List<SourceRecord>();
        foreach (var listed in await repository.ListSourceNamesAsync(ct))
        {
            await GuardAsync(RepositoryLayout.RecordOf(listed).ToString(), async () => sources.Add(await repository.FindSourceAsync(listed, ct)));
        }

        foreach (var lost in await repository.FindLostRecordsAsync(ct))
        {
            Add(
                RepositoryLayout.PacksOf(lost.Id),
                $"no readable record in {RepositoryLayout.SourceFolder} names source {lost}, so that its backups cannot be asked for",
                LostRecords.HintFor(lost),
                VerifyFindingKind.Damage);
        }

        return sources;
    }

    private async ValueTask<Dictionary<PackName, SoundPack>> VerifyPacksAsync(SourceCatalog catalog, CancellationToken ct)
    {
        var sound = new Dictionary<PackName, SoundPack>();
        foreach (var name in catalog.Packs.Select(pack => pack.Name))
        {
            try
            {
                await using var pack = await repository.OpenPackAsync(name, ct);
                var reader = await ChainReader.ReadAsync(repository, pack, name, ct);
                await new PackCheck(reader, _coverage, options, ReportRead).RunAsync(ct);
                _coverage.Packs++;
                sound.Add(name, new SoundPack(reader.Digest, reader.Trailer, reader.Header.ShapeBefore, reader.Header.ShapeAfter));
            }
            catch (OperatorException e)
            {
                var now = await repository.ReadCatalogAsync(catalog.Source, ct);
                if (now.Packs.Any(listed => listed.Name == name))
                {
                    _coverage.Packs++;
                    var kind = now.IsTombstoned(name) ? VerifyFindingKind.Note : KindOf(e);
                    Add(name.ToString(), e.Message, e.Hint, kind);
                    _ = (KindOf(e) == VerifyFindingKind.NotChecked ? _notChecked : _damaged).Add(name);
                }
            }
        }

        return sound;
    }

    private async ValueTask VerifyManifestsAsync(SourceCatalog catalog, Dictionary<PackName, SoundPack> packs, CancellationToken ct)
    {
        foreach (var entry in catalog.Manifests)
        {
            _coverage.Manifests++;
            await GuardAsync(entry.Name.ToString(), async () =>
            {
                var manifest = await repository.ReadManifestAsync(entry, ct);
                var name = manifest.Pack.Name;
                if (packs.TryGetValue(name, out var pack)
                    ? pack.Digest != manifest.Pack.TrailerDigest || pack.Trailer.PackLength != manifest.Pack.Bytes || pack.Trailer.FingerprintAfter != manifest.Fingerprint
                    : packs.Any(other => other.Key.To == manifest.Position && (other.Value.Trailer.FingerprintAfter != manifest.Fingerprint || other.Value.ShapeAfter != manifest.Shape)))
                {
                    Add(entry.Name.ToString(), $"its pack {name} is not the one that it was written for", "Bring back the pack from a copy of the repository.", VerifyFindingKind.Damage);
                }
                else
                {
                    VerifyRestorable(catalog, entry);
                }
            });
        }
    }

    /// <summary>A restore takes one chain, the shortest, and no other where a pack of it is damaged.</summary>
    private void VerifyRestorable(SourceCatalog catalog, ManifestEntry entry)
    {
        var (what, backup) = (entry.Name.ToString(), $"backup {entry.Name.Backup} of position {entry.Name.Position.Transaction}");
        if (!catalog.CanReach(entry.Name.Position))
        {
            Add(what, $"{backup} cannot be restored: a pack of its chain is missing", "Bring it back from a copy of the repository, or restore from another one ('--repository-name'). What is found of the position tells what is missing.", VerifyFindingKind.Damage);
            return;
        }

        var chain = catalog.ChainTo(entry.Name.Position).NewestFirst.Select(pack => pack.Name).ToList();
        if (chain.FirstOrDefault(_damaged.Contains) is var damaged && damaged != default)
        {
            Add(
                what,
                $"{backup} cannot be restored: its chain needs pack {damaged}, which is damaged",
                catalog.Without(_damaged).CanReach(entry.Name.Position)
                    ? "Another chain leads to it: move the damaged pack out of the repository, keep it, and restore."
                    : "Bring the pack back from a copy of the repository, or restore from another one ('--repository-name').",
                VerifyFindingKind.Damage);
        }
        else if (chain.FirstOrDefault(_notChecked.Contains) is var unknown && unknown != default)
        {
            Add(what, $"pack {unknown} of its chain could not be checked", "See what was found at the pack.", VerifyFindingKind.NotChecked);
        }
    }

    private bool IsRestorable(SourceCatalog catalog, Position position) =>
        catalog.CanReach(position) && (_damaged.Count == 0 || !catalog.ChainTo(position).NewestFirst.Any(pack => _damaged.Contains(pack.Name)));

    /// <summary>Compaction leaves several packs to one position: all of them must lead to the same state, and start from the one that others lead to.</summary>
    private void VerifyLinks(Dictionary<PackName, SoundPack> packs)
    {
        var states = new Dictionary<Position, (PackName Pack, Fingerprint Fingerprint, DatabaseShape Shape)>();
        foreach (var (name, pack) in packs.OrderBy(pack => pack.Key))
        {
            var after = (Pack: name, Fingerprint: pack.Trailer.FingerprintAfter, Shape: pack.ShapeAfter);
            if (!states.TryAdd(name.To, after) && states[name.To] is var other && (other.Fingerprint, other.Shape) != (after.Fingerprint, after.Shape))
            {
                AddMismatch(name, $"it ends with fingerprint {after.Fingerprint} and {after.Shape.PageCount} pages, but {other.Pack} with {other.Fingerprint} and {other.Shape.PageCount}");
            }

            if (!name.IsFull && states.TryGetValue(name.From, out var start) && (start.Fingerprint, start.Shape) != (pack.Trailer.FingerprintBefore, pack.ShapeBefore))
            {
                AddMismatch(
                    name, $"it starts from fingerprint {pack.Trailer.FingerprintBefore} with {pack.ShapeBefore.PageCount} pages, but {start.Pack} ends with {start.Fingerprint} and {start.Shape.PageCount}");
            }
        }

        void AddMismatch(PackName name, string problem) =>
            Add(name.ToString(), problem, "Restore to a position that does not need it, or bring the packs back from a copy of the repository.", VerifyFindingKind.Damage);
    }

    private async ValueTask VerifyPositionsAsync(SourceCatalog catalog, CancellationToken ct)
    {
        _coverage.Positions += catalog.LastingPacks().Select(pack => pack.Name.To).Distinct().Count(position => IsRestorable(catalog, position));
        TellNewestRestorable(catalog);
        foreach (var gap in catalog.Gaps())
        {
            Add($"position {gap.Wanted} of source {catalog.Source.Name}", gap.Message, gap.Hint, VerifyFindingKind.Damage);
        }

        foreach (var position in catalog.BranchEnds())
        {
            await GuardAsync(TextOf(catalog, position), () => ProveFingerprintAsync(catalog.ChainTo(position), ct));
        }
    }

    /// <summary>What a person needs first who has found damage.</summary>
    private void TellNewestRestorable(SourceCatalog catalog)
    {
        if (catalog.NewestListed is not { } newest || !catalog.Packs.Any(pack => _damaged.Contains(pack.Name)))
        {
            return;
        }

        var what = $"source {catalog.Source.Name}";
        if (IsRestorable(catalog, newest))
        {
            Add(what, $"its newest position, {newest.Transaction}, needs no pack that is damaged", "'restore' takes it, as ever.", VerifyFindingKind.Note);
        }
        else if (catalog.RestorePoints().LastOrDefault(point => IsRestorable(catalog, point.Position)) is { } last)
        {
            Add(
                what,
                $"its newest position, {newest.Transaction}, cannot be restored from here; the newest one that can is {last.Position.Transaction}, of {last.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z",
                $"'restore --position {last.Position.Transaction}@{last.Position.Timeline}' takes that one. Another repository may still have the newest: '--repository-name'.",
                VerifyFindingKind.Damage);
        }
        else
        {
            Add(what, "no position of it can be restored from here", "Restore from another repository ('--repository-name'), or bring the packs back from a copy of this one.", VerifyFindingKind.Damage);
        }
    }

    private async ValueTask ProveFingerprintAsync(PackChain chain, CancellationToken ct)
    {
        await using var reader = await ChainReader.OpenAsync(repository, chain, ct);
        var sum = UInt128.Zero;
        await foreach (var block in reader.ChooseAsync(ct))
        {
            foreach (var run in block.Chosen)
            {
                foreach (var hash in block.HashesOf(run))
                {
                    sum = unchecked(sum + hash.Value);
                }
            }
        }

        var found = Fingerprint.Of(reader.Shape, sum);
        if (found != reader.Fingerprint)
        {
            throw new PackFormatException(reader.Tip.Name, $"the pages of its chain add up to fingerprint {found}, expected {reader.Fingerprint}");
        }

        _coverage.FingerprintsProved++;
    }

    /// <summary>Packs that other positions need have names of their own: a finding there says nothing of the newest.</summary>
    private VerifyFinding? DamageOfNewest(SourceCatalog catalog)
    {
        if (catalog.Newest is not { } newest)
        {
            return null;
        }

        HashSet<string> needed = [TextOf(catalog, newest), .. catalog.ChainTo(newest).NewestFirst.Select(pack => pack.Name.ToString())];
        return _findings.FirstOrDefault(finding => finding.Kind == VerifyFindingKind.Damage && needed.Contains(finding.Object));
    }

    private static string TextOf(SourceCatalog catalog, Position position) => $"position {position} of source {catalog.Source.Name}";

    private async ValueTask DrillAsync(SourceCatalog catalog, CancellationToken ct)
    {
        if (catalog.NewestListed is null)
        {
            return;
        }

        await GuardAsync($"source {catalog.Source.Name}", async () =>
        {
            var (drill, warnings) = await Drill().ExecuteAsync(catalog.Source.Name, ct);
            _coverage.Drills++;
            _drills.Add(drill);
            foreach (var warning in warnings)
            {
                Add($"source {catalog.Source.Name}", warning, "The rest of the database was checked.", VerifyFindingKind.Note);
            }
        });
    }

    private DrillRun Drill() => new(repository, options.ScratchDirectory, options.Workers, time, progress);

    private async ValueTask GuardAsync(string what, Func<ValueTask> check)
    {
        try
        {
            await check();
        }
        catch (OperatorException e)
        {
            Add(what, e.Message, e.Hint, KindOf(e));
        }
    }

    private static VerifyFindingKind KindOf(OperatorException e) => e.Kind == FailureKind.VerificationFailed ? VerifyFindingKind.Damage : VerifyFindingKind.NotChecked;

    private void Add(string what, string problem, string hint, VerifyFindingKind kind) => _findings.Add(new VerifyFinding(what, problem, hint, kind));

    private void ReportRead() => progress?.Report(new ProgressReport("read packs", _coverage.BytesRead, _bytesTotal));

    /// <summary>What is left of a pack that was checked: there may be many.</summary>
    private sealed record SoundPack(Sha256Digest Digest, PackTrailer Trailer, DatabaseShape ShapeBefore, DatabaseShape ShapeAfter);
}
