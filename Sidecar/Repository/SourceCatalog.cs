using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>What a repository holds of one source: by one listing of names, then by <see cref="Apply"/> as it changes. Not thread-safe: <see cref="Copy"/> gives another thread its own.</summary>
/// <remarks>
/// Names that do not parse are kept in <see cref="UnknownObjects"/>. A pack under a tombstone is used only where there is no other way:
/// until its time is over it is there, after that it may not be.
/// </remarks>
internal sealed class SourceCatalog
{
    private readonly string _location;
    private readonly List<PackEntry> _packs;
    private readonly List<ManifestEntry> _manifests;
    private readonly List<Tombstone> _tombstones;
    private readonly HashSet<PackName> _tombstoned = [];
    private readonly List<BackupMarkName> _marks = [];
    private readonly HashSet<BackupId> _deleted = [];

    /// <summary>Over the places in <see cref="_packs"/>. Null while they have to be found again.</summary>
    private ShortestChains? _chains;

    private Position? _newest;
    private Position? _newestListed;

    public SourceCatalog(SourceRecord source, IEnumerable<PackEntry> packs, IEnumerable<ManifestEntry> manifests, IEnumerable<ObjectName> unknownObjects, string location)
    {
        Source = source;
        _location = location;
        _packs = [.. packs];
        _packs.Sort((left, right) => left.Name.CompareTo(right.Name));
        _manifests = [.. manifests.OrderBy(manifest => manifest.Name.ToString(), StringComparer.Ordinal)];
        _tombstones = [];
        UnknownObjects = [.. unknownObjects];
        Doubts = [];
        FencedObjects = [];
    }

    public SourceRecord Source { get; }

    /// <summary>In order of the positions they lead to; also those under a tombstone.</summary>
    public IReadOnlyList<PackEntry> Packs => _packs;

    /// <summary>In order of positions, then of creation; also those that are deleted and whose grace is not over.</summary>
    public IReadOnlyList<ManifestEntry> Manifests => _manifests;

    /// <summary>In order of their times.</summary>
    public IReadOnlyList<Tombstone> Tombstones
    {
        get => _tombstones;
        init
        {
            _tombstones.AddRange(value);
            _tombstoned.UnionWith(value.SelectMany(tombstone => tombstone.Packs));
        }
    }

    /// <summary>What was said of backups after they were made; of each backup the last one counts. In no order.</summary>
    public IReadOnlyList<BackupMarkName> Marks
    {
        get => _marks;
        init
        {
            _marks.AddRange(value);
            FindDeleted();
        }
    }

    /// <summary>Objects among the packs, manifests and tombstones whose names say nothing. They are reported, not used.</summary>
    public IReadOnlyList<ObjectName> UnknownObjects { get; }

    /// <summary>Tombstones that cannot be read. They are reported, not used: what they named counts as any pack.</summary>
    public IReadOnlyList<OperatorException> Doubts { get; init; }

    /// <summary>What a writer put after it was taken over. It is reported, not used.</summary>
    public IReadOnlyList<ObjectName> FencedObjects { get; init; }

    /// <summary>The newest position that a writer under a lease has acknowledged, as it was when the catalog was read. Where it cannot be reached, a listing lags, or a pack is missing.</summary>
    public Position? Announced { get; init; }

    /// <summary>The newest position that an unbroken chain of packs leads to; null if there is none.</summary>
    public Position? Newest
    {
        get
        {
            _ = Chains;
            return _newest;
        }
    }

    /// <summary>The newest position that any pack leads to, any backup keeps, or a writer has acknowledged. Where it is not <see cref="Newest"/>, a pack is missing.</summary>
    public Position? NewestListed
    {
        get
        {
            _ = Chains;
            return _newestListed;
        }
    }

    /// <summary>The number of the next position: larger than any that is listed, or that was used in another repository before.</summary>
    public TransactionId NextTransaction => (NewestListed?.Transaction is { } listed && listed > Source.NumbersAfter ? listed : Source.NumbersAfter).Next();

    private ShortestChains Chains => _chains ??= FindChains();

    public bool CanReach(Position position) => !position.IsNone && Chains.Reaches(position);

    /// <summary>True if the pack is about to go.</summary>
    public bool IsTombstoned(PackName pack) => _tombstoned.Contains(pack);

    /// <summary>True: a pack of this id is stored, or a tombstone names one. Another one of that id would share its fate.</summary>
    public bool HasHad(PackId pack) => _packs.Any(entry => entry.Name.Pack == pack) || _tombstoned.Any(name => name.Pack == pack);

    /// <summary>The packs that rebuild a position: as few as possible, and none that is tombstoned where there is another way.</summary>
    /// <remarks>
    /// Of equally many, the chain whose last pack starts earliest is taken, then the one with the smallest id; a pack whose own start cannot be reached is not taken.
    /// </remarks>
    /// <exception cref="TimelineGapException">A pack is missing on the way.</exception>
    public PackChain ChainTo(Position position) =>
        CanReach(position) ? new PackChain(position, [.. Chains.To(position).Select(place => _packs[place])]) : throw GapOn(position);

    /// <summary>All restore points: packs by capture time, manifests by creation time, in order of positions, then of time. Positions that only tombstoned packs lead to are none.</summary>
    public IEnumerable<RestorePoint> RestorePoints() =>
        LastingPacks().Select(pack => new RestorePoint(pack.Name.To, pack.Name.CaptureTime, Backup: null))
            .Distinct()
            .Concat(LastingManifests().Select(manifest => new RestorePoint(manifest.Name.Position, manifest.Name.CreatedAt, manifest)))
            .OrderBy(point => point.Position.Transaction)
            .ThenBy(point => point.Position.Timeline.Value)
            .ThenBy(point => point.Time);

    /// <summary>The packs that no tombstone names, in order of the positions they lead to.</summary>
    public IEnumerable<PackEntry> LastingPacks() => _tombstoned.Count == 0 ? _packs : _packs.Where(pack => !_tombstoned.Contains(pack.Name));

    /// <summary>The backups that are not deleted, in order of positions, then of creation.</summary>
    public IEnumerable<ManifestEntry> LastingManifests() => _deleted.Count == 0 ? _manifests : _manifests.Where(manifest => !_deleted.Contains(manifest.Name.Backup));

    public bool IsDeleted(BackupId backup) => _deleted.Contains(backup);

    /// <summary>What was said last of a backup; null: nothing was.</summary>
    public BackupMarkName? MarkOf(BackupId backup) => _marks.Where(mark => mark.Backup == backup).Cast<BackupMarkName?>().MaxBy(mark => mark!.Value.SetAtMicroseconds);

    /// <summary>Restore points that no other one's chain goes through: whatever the chain of any uses, one of theirs does.</summary>
    public IReadOnlyList<Position> BranchEnds()
    {
        var points = LastingPacks().Select(pack => pack.Name.To).Concat(_manifests.Select(manifest => manifest.Name.Position)).Where(CanReach).Distinct().ToList();
        var inner = points.Select(point => Chains.LastTo(point).From).ToHashSet();
        return [.. points.Where(point => !inner.Contains(point))];
    }

    /// <summary>What is listed, or kept by a backup, and cannot be rebuilt; each position that no other such position builds on.</summary>
    public IReadOnlyList<TimelineGapException> Gaps()
    {
        var acknowledged = Announced is { } announced ? [announced] : (Position[])[];
        var broken = LastingPacks().Select(pack => pack.Name.To).Concat(_manifests.Select(manifest => manifest.Name.Position)).Concat(acknowledged).Where(position => !CanReach(position)).ToHashSet();
        var continued = LastingPacks().Where(pack => broken.Contains(pack.Name.To)).Select(pack => pack.Name.From).ToHashSet();
        return [.. broken.Where(position => !continued.Contains(position)).Select(GapOn)];
    }

    /// <summary>
    /// What shows that another repository holds another history of the source: a position is one capture, at one time, and keeps that time wherever it goes. Where it has two, a repository was set
    /// back, as with the snapshot of a machine, and its numbers were used again.
    /// </summary>
    /// <returns>Null: what both hold agrees.</returns>
    public OperatorException? OtherHistoryIn(SourceCatalog other)
    {
        var captured = _packs.ToLookup(pack => pack.Name.To, pack => pack.Name.CaptureTime);
        var name = other.Packs.Select(pack => pack.Name).FirstOrDefault(name => captured.Contains(name.To) && !captured[name.To].Contains(name.CaptureTime));
        return name == default ? null : new OperatorException(
            FailureKind.VerificationFailed,
            $"Position {name.To} of source '{Source.Name}' was captured at {captured[name.To].Min():yyyy-MM-dd HH:mm:ss}Z in {_location}, and at {name.CaptureTime:yyyy-MM-dd HH:mm:ss}Z in {other._location}: two histories of one name.",
            "Was this host or its volume set back to an earlier state, or copied? What is stored there stays restorable. Begin with an empty local repository and state directory: the history then goes on where that one ends. Or give this database another name.");
    }

    /// <summary>What another repository holds under a number that this one knows for another capture. Of one history, no number is given twice, on whatever timeline.</summary>
    public IEnumerable<PackName> OthersIn(SourceCatalog other)
    {
        var captured = _packs.ToLookup(pack => pack.Name.To.Transaction, pack => (pack.Name.To, pack.Name.CaptureTimeMicroseconds));
        return other.Packs.Select(pack => pack.Name).Where(name => captured.Contains(name.To.Transaction) && !captured[name.To.Transaction].Contains((name.To, name.CaptureTimeMicroseconds)));
    }

    /// <returns>True: a position of another repository is here, of the same capture as there.</returns>
    public bool HasCaptured(Position position, SourceCatalog other) =>
        _packs.Where(pack => pack.Name.To == position).Select(pack => pack.Name.CaptureTimeMicroseconds).Intersect(other._packs.Where(pack => pack.Name.To == position).Select(pack => pack.Name.CaptureTimeMicroseconds)).Any();

    /// <summary>The newest backup of a position, if one was kept.</summary>
    public ManifestEntry? BackupOf(Position position) =>
        LastingManifests().Where(manifest => manifest.Name.Position == position).Cast<ManifestEntry?>().LastOrDefault();

    /// <summary>Follows what was done to the repository. A pack that leads to a new largest position costs next to nothing; anything else a look at all names, once it is asked for.</summary>
    public void Apply(CatalogChange change)
    {
        switch (change)
        {
            case CatalogChange.PackAdded added:
                Add(added.Pack);
                return;
            case CatalogChange.ManifestAdded added:
                InsertInOrder(_manifests, added.Manifest, (left, right) => string.CompareOrdinal(left.Name.ToString(), right.Name.ToString()));
                break;
            case CatalogChange.MarkAdded added:
                _marks.Add(added.Mark);
                FindDeleted();
                return;
            case CatalogChange.TombstoneAdded added:
                _tombstones.Add(added.Tombstone);
                break;
            case CatalogChange.TombstoneEnded ended:
                _tombstones.RemoveAll(tombstone => tombstone.Name == ended.Tombstone.Name);
                if (ended.IsSwept)
                {
                    var gone = ended.Tombstone.Packs.ToHashSet();
                    _packs.RemoveAll(pack => gone.Contains(pack.Name));
                }

                break;
            default:
                throw new InvalidOperationException($"A catalog does not know the change {change}.");
        }

        _tombstoned.Clear();
        _tombstoned.UnionWith(_tombstones.SelectMany(tombstone => tombstone.Packs));
        _chains = null;
    }

    /// <summary>A catalog that follows its own changes from here on.</summary>
    public SourceCatalog Copy() => new(Source, _packs, _manifests, UnknownObjects, _location) { Tombstones = [.. _tombstones], Marks = [.. _marks], Doubts = Doubts, FencedObjects = FencedObjects, Announced = Announced };

    /// <summary>The same as if some packs were not there.</summary>
    public SourceCatalog Without(IReadOnlySet<PackName> packs) =>
        new(Source, _packs.Where(pack => !packs.Contains(pack.Name)), _manifests, UnknownObjects, _location) { Tombstones = [.. _tombstones], Marks = [.. _marks], Doubts = Doubts, FencedObjects = FencedObjects, Announced = Announced };

    private void FindDeleted()
    {
        _deleted.Clear();
        _deleted.UnionWith(_marks.GroupBy(mark => mark.Backup).Where(group => group.MaxBy(mark => mark.SetAtMicroseconds).State == BackupMarkState.Deleted).Select(group => group.Key));
    }

    private void Add(PackEntry pack)
    {
        if (_chains is not { } chains || _newestListed is not { } listed || pack.Name.To.Transaction <= listed.Transaction)
        {
            InsertInOrder(_packs, pack, (left, right) => left.Name.CompareTo(right.Name));
            _chains = null;
            return;
        }

        _packs.Add(pack);
        _newestListed = pack.Name.To;
        if (chains.Add(_packs.Count - 1, pack.Name.From, pack.Name.To, isAvoided: false))
        {
            _newest = pack.Name.To;
        }
    }

    private static void InsertInOrder<T>(List<T> list, T item, Comparison<T> compare)
    {
        var at = list.BinarySearch(item, Comparer<T>.Create(compare));
        list.Insert(at < 0 ? ~at : at, item);
    }

    private ShortestChains FindChains()
    {
        var chains = new ShortestChains();
        for (var place = 0; place < _packs.Count; place++)
        {
            var name = _packs[place].Name;
            _ = chains.Add(place, name.From, name.To, _tombstoned.Contains(name));
        }

        _newest = NewestOf(_packs.Where(pack => chains.Reaches(pack.Name.To)).Select(pack => (pack.Name.To, pack.Name.CaptureTimeMicroseconds)));

        // A backup whose pack is gone counts: passing over it would restore an older state in silence, and give its number away again.
        _newestListed = NewestOf(
            _packs.Select(pack => (pack.Name.To, pack.Name.CaptureTimeMicroseconds))
                .Concat(_manifests.Select(manifest => (manifest.Name.Position, manifest.Name.CreatedAtMicroseconds))));
        if (Announced is { } announced && !chains.Reaches(announced) && !(_newestListed?.Transaction > announced.Transaction))
        {
            _newestListed = announced;
        }

        return chains;
    }

    /// <summary>Of two timelines with the same largest number, the one that came to it later.</summary>
    private static Position? NewestOf(IEnumerable<(Position Position, long Time)> listed)
    {
        var last = listed.Select(row => row.Position.Transaction).DefaultIfEmpty().Max();
        return last.IsNone ? null : listed
            .Where(row => row.Position.Transaction == last)
            .GroupBy(row => row.Position, row => row.Time)
            .OrderBy(group => group.Min())
            .ThenBy(group => group.Key.Timeline.Value)
            .Last().Key;
    }

    /// <summary>Why a position cannot be reached.</summary>
    public TimelineGapException GapOn(Position wanted)
    {
        var firstTo = new Dictionary<Position, Position>();
        foreach (var pack in _packs)
        {
            _ = firstTo.TryAdd(pack.Name.To, pack.Name.From);
        }

        var missing = wanted;
        while (firstTo.TryGetValue(missing, out var from))
        {
            missing = from;
        }

        var older = NewestOf(_packs
            .Where(pack => pack.Name.To.Transaction < wanted.Transaction && CanReach(pack.Name.To))
            .Select(pack => (pack.Name.To, pack.Name.CaptureTimeMicroseconds)));
        return new TimelineGapException(Source.Name, wanted, missing, older, isAcknowledged: wanted == Announced, _location);
    }
}
