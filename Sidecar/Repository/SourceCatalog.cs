using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>What a repository holds of one source, by one listing of names.</summary>
/// <remarks>
/// A pack leads to a larger transaction than it starts from (<see cref="PackName"/>), so one pass in the order of positions finds
/// which of them reach a full, and no input makes it loop. Names that do not parse are kept in <see cref="UnknownObjects"/>.
/// </remarks>
internal sealed class SourceCatalog
{
    private readonly string _location;

    /// <summary>For every position that can be rebuilt, the pack that is used to reach it.</summary>
    private readonly Dictionary<Position, PackEntry> _reached = [];

    public SourceCatalog(SourceRecord source, IEnumerable<PackEntry> packs, IEnumerable<ManifestEntry> manifests, IEnumerable<ObjectName> unknownObjects, string location)
    {
        Source = source;
        _location = location;
        Packs = [.. packs.OrderBy(pack => pack.Name.ToString(), StringComparer.Ordinal)];
        Manifests = [.. manifests.OrderBy(manifest => manifest.Name.ToString(), StringComparer.Ordinal)];
        UnknownObjects = [.. unknownObjects];
        Reach();
        Newest = NewestOf(_reached.Values);
        NewestListed = FindNewestListed();
    }

    public SourceRecord Source { get; }

    /// <summary>In order of the positions they lead to.</summary>
    public IReadOnlyList<PackEntry> Packs { get; }

    /// <summary>In order of positions, then of creation.</summary>
    public IReadOnlyList<ManifestEntry> Manifests { get; }

    /// <summary>Objects among the packs and manifests whose names say nothing. They are reported, not used.</summary>
    public IReadOnlyList<ObjectName> UnknownObjects { get; }

    /// <summary>The newest position that an unbroken chain of packs leads to; null if there is none.</summary>
    public Position? Newest { get; }

    /// <summary>The newest position that any pack leads to or any backup keeps. Where it is not <see cref="Newest"/>, a pack is missing.</summary>
    public Position? NewestListed { get; }

    public bool CanReach(Position position) => _reached.ContainsKey(position);

    /// <summary>The packs that rebuild a position.</summary>
    /// <remarks>
    /// Where several packs lead to one position, the one that starts earliest is taken (a full, or a compacted pack: fewer to read), of those
    /// the one with the smallest id; a pack whose own start cannot be reached is not taken.
    /// </remarks>
    /// <exception cref="TimelineGapException">A pack is missing on the way.</exception>
    public PackChain ChainTo(Position position)
    {
        if (!CanReach(position))
        {
            throw GapOn(position);
        }

        var chain = new List<PackEntry>();
        for (var next = position; !next.IsNone; next = chain[^1].Name.From)
        {
            chain.Add(_reached[next]);
        }

        return new PackChain(position, chain);
    }

    /// <summary>All restore points: packs by capture time, manifests by creation time, in order of positions, then of time.</summary>
    public IEnumerable<RestorePoint> RestorePoints() =>
        Packs.Select(pack => new RestorePoint(pack.Name.To, pack.Name.CaptureTime, Backup: null))
            .Concat(Manifests.Select(manifest => new RestorePoint(manifest.Name.Position, manifest.Name.CreatedAt, manifest)))
            .OrderBy(point => point.Position.Transaction)
            .ThenBy(point => point.Position.Timeline.Value)
            .ThenBy(point => point.Time);

    /// <summary>The newest backup of a position, if one was kept.</summary>
    public ManifestEntry? BackupOf(Position position) =>
        Manifests.Where(manifest => manifest.Name.Position == position).Cast<ManifestEntry?>().LastOrDefault();

    private void Reach()
    {
        foreach (var pack in Packs)
        {
            var name = pack.Name;
            if ((name.IsFull || _reached.ContainsKey(name.From))
                && (!_reached.TryGetValue(name.To, out var other) || IsBetter(name, other.Name)))
            {
                _reached[name.To] = pack;
            }
        }
    }

    private static bool IsBetter(PackName candidate, PackName current) =>
        (candidate.From.Transaction.Value, candidate.From.Timeline.Value, candidate.Pack.Value)
            .CompareTo((current.From.Transaction.Value, current.From.Timeline.Value, current.Pack.Value)) < 0;

    private static Position? NewestOf(IEnumerable<PackEntry> packs) =>
        packs.OrderBy(pack => pack.Name.To.Transaction)
            .ThenBy(pack => pack.Name.CaptureTimeMicroseconds)
            .ThenBy(pack => pack.Name.To.Timeline.Value)
            .Select(pack => (Position?)pack.Name.To)
            .LastOrDefault();

    /// <summary>A backup whose pack is gone counts: passing over it would restore an older state in silence, and give its number away again.</summary>
    private Position? FindNewestListed() =>
        Packs.Select(pack => (Position: pack.Name.To, Time: pack.Name.CaptureTimeMicroseconds))
            .Concat(Manifests.Select(manifest => (manifest.Name.Position, Time: manifest.Name.CreatedAtMicroseconds)))
            .GroupBy(listed => listed.Position, listed => listed.Time)
            .OrderBy(listed => listed.Key.Transaction)
            .ThenBy(listed => listed.Min())
            .ThenBy(listed => listed.Key.Timeline.Value)
            .Select(listed => (Position?)listed.Key)
            .LastOrDefault();

    private TimelineGapException GapOn(Position wanted)
    {
        var missing = wanted;
        while (Packs.Where(pack => pack.Name.To == missing).Select(pack => (Position?)pack.Name.From).FirstOrDefault() is { } from)
        {
            missing = from;
        }

        var older = NewestOf(_reached.Values.Where(pack => pack.Name.To.Transaction < wanted.Transaction));
        return new TimelineGapException(Source.Name, wanted, missing, older, _location);
    }
}
