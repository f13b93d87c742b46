using System.Collections.Concurrent;
using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>Reads a repository from a store.</summary>
internal sealed class RepositoryReader(IObjectStore store, RepositoryConfig config) : IRepositoryReader
{
    /// <summary>Those that were listed last. They never change, and in a repository that is far away each would cost requests with every look.</summary>
    private readonly ConcurrentDictionary<TombstoneName, Tombstone> _tombstones = [];

    public RepositoryId Id => config.Id;

    public string Location => store.Location;

    /// <summary>Of whoever writes here: it knows what its own catalogs need to know of leases. Null: it is asked of the store.</summary>
    public WriterLease? Lease { get; set; }

    public async ValueTask<IReadOnlyList<SourceRecord>> ListSourcesAsync(CancellationToken ct)
    {
        var records = new List<SourceRecord>();
        foreach (var name in await ListSourceNamesAsync(ct))
        {
            records.Add(await ReadSourceAsync(name, ct));
        }

        return records;
    }

    public async ValueTask<IReadOnlyList<string>> ListSourceNamesAsync(CancellationToken ct)
    {
        var names = new List<string>();
        await foreach (var listing in store.ListAsync(RepositoryLayout.SourceFolder, ct))
        {
            var file = listing.Name.ToString()[RepositoryLayout.SourceFolder.Length..];
            if (file.EndsWith(RepositoryLayout.SourceSuffix, StringComparison.Ordinal) && SourceName.IsValid(file[..^RepositoryLayout.SourceSuffix.Length]))
            {
                names.Add(file[..^RepositoryLayout.SourceSuffix.Length]);
            }
        }

        if (names.Count == 0)
        {
            await EnsureThereAsync(ct);
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    public async ValueTask<IReadOnlySet<SourceId>> ListStoredSourcesAsync(CancellationToken ct)
    {
        var sources = new HashSet<SourceId>();
        await foreach (var listing in store.ListAsync(RepositoryLayout.ManifestFolder, ct))
        {
            if (ManifestName.TryParse(listing.Name, out var name))
            {
                sources.Add(name.Source);
            }
        }

        await foreach (var listing in store.ListAsync(RepositoryLayout.PackFolder, ct))
        {
            if (PackName.TryParse(listing.Name, out var name))
            {
                sources.Add(name.Source);
            }
        }

        return sources;
    }

    public async ValueTask<SourceRecord> FindSourceAsync(string? name, CancellationToken ct)
    {
        // Only the record that is asked for is read: a damaged one of another source must not stand in the way.
        var names = await ListSourceNamesAsync(ct);
        if (name is not null)
        {
            return names.Contains(name, StringComparer.Ordinal) ? await ReadSourceAsync(name, ct)
                : await this.FindLostRecordsAsync(ct) is { Count: > 0 } lost ? throw lost.ToFailure($"{Location} has no source '{name}', but it")
                : throw NoSource($"{Location} has no source '{name}'", names);
        }

        if (names.Count <= 1 && await this.FindLostRecordsAsync(ct) is { Count: > 0 } nameless)
        {
            // The one that is left need not be the one that is meant.
            throw names.Count == 0
                ? nameless.ToFailure(Location)
                : nameless.ToFailure($"Beside source '{names[0]}' {Location}", $"If '{names[0]}' is meant, name it with --source. ");
        }

        return names.Count switch
        {
            1 => await ReadSourceAsync(names[0], ct),
            0 => throw NoSource($"{Location} has no source yet", names),
            _ => throw NoSource($"{Location} has several sources", names),
        };
    }

    public async ValueTask<SourceCatalog> ReadCatalogAsync(SourceRecord source, CancellationToken ct)
    {
        var packs = new List<PackEntry>();
        var manifests = new List<ManifestEntry>();
        var unknown = new List<ObjectName>();
        var doubts = new List<OperatorException>();

        // Before the other listings: what is acknowledged now is to be found in them.
        var fences = Lease?.Fences ?? await WriterFences.ReadAsync(store, ct);
        var announced = await NewestAnnouncedAsync(source.Id, fences, doubts, ct);
        var filter = new FencedListing(fences);
        await foreach (var listing in store.ListAsync(RepositoryLayout.ManifestsOf(source.Id), ct))
        {
            if (!ManifestName.TryParse(listing.Name, out var name))
            {
                unknown.Add(listing.Name);
            }
            else if (filter.Counts(listing.Name, name.Stamp))
            {
                manifests.Add(new ManifestEntry(name, listing.Length));
            }
        }

        var marks = new List<BackupMarkName>();
        await foreach (var listing in store.ListAsync(RepositoryLayout.MarksOf(source.Id), ct))
        {
            if (!BackupMarkName.TryParse(listing.Name, out var name))
            {
                unknown.Add(listing.Name);
            }
            else if (filter.Counts(listing.Name, name.Stamp))
            {
                marks.Add(name);
            }
        }

        var tombstones = await ReadTombstonesAsync(source.Id, filter, unknown, doubts, ct);
        await foreach (var listing in store.ListAsync(RepositoryLayout.PacksOf(source.Id), ct))
        {
            if (!PackName.TryParse(listing.Name, out var name))
            {
                unknown.Add(listing.Name);
            }
            else if (filter.Counts(listing.Name, name.Stamp))
            {
                packs.Add(new PackEntry(name, listing.Length));
            }
        }

        return new SourceCatalog(source, packs, manifests, unknown, Location) { Tombstones = tombstones, Marks = marks, Doubts = doubts, FencedObjects = filter.Fenced, Announced = announced };
    }

    public async ValueTask<BackupManifest> ReadManifestAsync(ManifestEntry entry, CancellationToken ct)
    {
        var bytes = await store.ReadSmallAsync(entry.Name.ToObjectName(), ManifestCodec.LengthMax, ct);
        return ManifestCodec.Open(bytes, entry.Name, Id, Location);
    }

    public async ValueTask<BackupMark> ReadMarkAsync(BackupMarkName name, CancellationToken ct) =>
        BackupMarkCodec.Parse(await store.ReadSmallAsync(name.ToObjectName(), BackupMarkCodec.LengthMax, ct), name, Id, Location);

    public async ValueTask<IPackObject> OpenPackAsync(PackName name, CancellationToken ct) =>
        new StoredPack(await store.OpenAsync(name.ToObjectName(), ct));

    /// <summary>A lease or an announcement that cannot be read is a doubt and no end: what is stored can be restored all the same.</summary>
    private async ValueTask<Position?> NewestAnnouncedAsync(SourceId source, WriterFences fences, List<OperatorException> doubts, CancellationToken ct)
    {
        try
        {
            return Lease is { } lease ? lease.NewestOf(source)
                : store is ILeaseStore leases && await WriterLease.ReadAnnouncementAsync(leases, fences, Id, Location, ct) is { } said && said.Newest.TryGetValue(source, out var newest) ? newest
                : null;
        }
        catch (OperatorException e) when (e is DocumentFormatException or StoreException { Kind: FailureKind.VerificationFailed })
        {
            doubts.Add(e);
            return null;
        }
    }

    /// <summary>Before the packs: what a tombstone that is not seen yet names stays readable for as long as its grace.</summary>
    private async ValueTask<List<Tombstone>> ReadTombstonesAsync(SourceId source, FencedListing filter, List<ObjectName> unknown, List<OperatorException> doubts, CancellationToken ct)
    {
        var names = new List<TombstoneName>();
        await foreach (var listing in store.ListAsync(RepositoryLayout.TombstonesOf(source), ct))
        {
            if (!TombstoneName.TryParse(listing.Name, out var name))
            {
                unknown.Add(listing.Name);
            }
            else if (filter.Counts(listing.Name, name.Stamp))
            {
                names.Add(name);
            }
        }

        var tombstones = new List<Tombstone>();
        foreach (var name in names)
        {
            try
            {
                if (!_tombstones.TryGetValue(name, out var tombstone))
                {
                    tombstone = TombstoneCodec.Parse(await store.ReadSmallAsync(name.ToObjectName(), TombstoneCodec.LengthMax, ct), name, config.Id, Location);
                    _tombstones[name] = tombstone;
                }

                tombstones.Add(tombstone);
            }
            catch (ObjectMissingException)
            {
                // Swept since it was listed.
            }
            catch (DocumentFormatException e)
            {
                doubts.Add(e);
            }
        }

        foreach (var gone in _tombstones.Keys.Where(name => name.Source == source).Except(names).ToList())
        {
            _ = _tombstones.TryRemove(gone, out _);
        }

        return tombstones;
    }

    internal async ValueTask<SourceRecord> ReadSourceAsync(string name, CancellationToken ct)
    {
        var bytes = await store.ReadSmallAsync(RepositoryLayout.RecordOf(name), SealedDocument.LengthMax, ct);
        return SourceRecordCodec.Parse(bytes, name, Id, Location);
    }

    /// <summary>A volume that is not mounted any more lists nothing, as a new repository does.</summary>
    internal async ValueTask EnsureThereAsync(CancellationToken ct)
    {
        var found = await BackupRepository.ReadConfigAsync(store, ct);
        if (found.Id != Id)
        {
            throw new OperatorException(
                FailureKind.UnsafeEnvironment, $"{Location} holds another repository than it did when it was opened: {found.Id}, not {Id}.", "Check the mount of its volume, then start again.");
        }
    }

    private static OperatorException NoSource(string what, IReadOnlyList<string> names) => new(
        FailureKind.Failed,
        $"{what}.",
        names.Count == 0
            ? "Run 'backup' first: it registers its source."
            : $"Name one with --source: {string.Join(", ", names)}.");
}
