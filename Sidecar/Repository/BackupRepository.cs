using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>A repository with its writer's lock held, until it is disposed.</summary>
/// <remarks>
/// A backup is published in this order, and exists with the last step: source record, pack, manifest. What a crash leaves before that
/// is a pack without a manifest, which is whole and a restore point of its own.
/// </remarks>
internal sealed class BackupRepository : IRepositoryReader, IAsyncDisposable
{
    private readonly IObjectStore _store;
    private readonly RepositoryReader _reader;
    private readonly IAsyncDisposable _writerLock;

    private BackupRepository(IObjectStore store, RepositoryConfig config, IAsyncDisposable writerLock)
    {
        _store = store;
        _reader = new RepositoryReader(store, config);
        _writerLock = writerLock;
    }

    public RepositoryId Id => _reader.Id;

    public string Location => _reader.Location;

    /// <summary>The right to write over machines; null: the store's lock is enough, as in a local repository.</summary>
    public WriterLease? Lease => _reader.Lease;

    /// <summary>What the names of packs and marks that are put now bear.</summary>
    public WriterStamp Stamp => Lease?.Stamp ?? default;

    /// <summary>Opens for reading: takes no lock and creates nothing.</summary>
    /// <exception cref="OperatorException">There is no repository (<see cref="FailureKind.RepositoryMissing"/>), or it cannot be read (any other kind).</exception>
    public static async ValueTask<IRepositoryReader> OpenForReadingAsync(IObjectStore store, CancellationToken ct) => new RepositoryReader(store, await ReadConfigAsync(store, ct));

    /// <summary>Takes the writer's lock; it ends with the result or with the process.</summary>
    /// <param name="store">Where the repository lies.</param>
    /// <param name="holder">Who is asking, for the message that a second writer gets.</param>
    /// <param name="createIfMissing">True: an empty or missing place becomes a repository. A place that holds anything else never does.</param>
    /// <param name="time">Says when a repository was created.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="StoreLockedException">There is another writer.</exception>
    public static async ValueTask<BackupRepository> OpenForWritingAsync(IObjectStore store, string holder, bool createIfMissing, TimeProvider time, CancellationToken ct)
    {
        // Looked at before the lock is taken: taking it writes, and nothing may be written into somebody else's directory.
        if (!createIfMissing)
        {
            _ = await ReadConfigAsync(store, ct);
        }
        else
        {
            await EnsureMayBeOneAsync(store, ct);
        }

        var writerLock = await store.LockForWritingAsync(holder, ct);
        try
        {
            var config = await TryReadConfigAsync(store, ct) ?? await InitializeAsync(store, time, ct);
            return new BackupRepository(store, config, writerLock);
        }
        catch
        {
            await writerLock.DisposeAsync();
            throw;
        }
    }

    /// <returns>Whether there is a repository; where there is none, one could be made.</returns>
    /// <exception cref="OperatorException">It cannot be read; or there is something else, or what is left of one.</exception>
    public static async ValueTask<bool> EnsureMayBeOneAsync(IObjectStore store, CancellationToken ct)
    {
        if (await TryReadConfigAsync(store, ct) is not null)
        {
            return true;
        }

        await RequireEmptyAsync(store, ct);
        return false;
    }

    /// <summary>Takes the writer's lease, where the store has leases.</summary>
    /// <exception cref="LeaseHeldException">Somebody else holds it.</exception>
    public async ValueTask TakeLeaseAsync(LeaseHolder me, CancellationToken ct) =>
        _reader.Lease = _store is ILeaseStore leases ? await WriterLease.TakeAsync(leases, _store, Id, me, takeOver: false, ct) : null;

    /// <exception cref="OperatorException">It is not what it was when it was opened: emptied, replaced, or its volume is not mounted any more.</exception>
    public ValueTask EnsureThereAsync(CancellationToken ct) => _reader.EnsureThereAsync(ct);

    public ValueTask<IReadOnlyList<SourceRecord>> ListSourcesAsync(CancellationToken ct) => _reader.ListSourcesAsync(ct);

    public ValueTask<IReadOnlyList<string>> ListSourceNamesAsync(CancellationToken ct) => _reader.ListSourceNamesAsync(ct);

    public ValueTask<IReadOnlySet<SourceId>> ListStoredSourcesAsync(CancellationToken ct) => _reader.ListStoredSourcesAsync(ct);

    public ValueTask<SourceRecord> FindSourceAsync(string? name, CancellationToken ct) => _reader.FindSourceAsync(name, ct);

    public ValueTask<SourceCatalog> ReadCatalogAsync(SourceRecord source, CancellationToken ct) => _reader.ReadCatalogAsync(source, ct);

    public ValueTask<BackupManifest> ReadManifestAsync(ManifestEntry entry, CancellationToken ct) => _reader.ReadManifestAsync(entry, ct);

    public ValueTask<BackupMark> ReadMarkAsync(BackupMarkName name, CancellationToken ct) => _reader.ReadMarkAsync(name, ct);

    public ValueTask<IPackObject> OpenPackAsync(PackName name, CancellationToken ct) => _reader.OpenPackAsync(name, ct);

    /// <summary>The source of this name; a new one gets an id.</summary>
    public ValueTask<SourceRecord> RegisterSourceAsync(string name, CancellationToken ct) => RegisterSourceAsync(name, place: null, ct);

    /// <param name="name">As of the other one.</param>
    /// <param name="place">Of the database; kept if the name is taken with it.</param>
    /// <param name="ct">As of the other one.</param>
    public ValueTask<SourceRecord> RegisterSourceAsync(string name, SourcePlace? place, CancellationToken ct) => RegisterSourceAsync(new SourceRecord(SourceId.New(), name, place), ct);

    /// <summary>The source of this name; if there is none, this is the one.</summary>
    /// <param name="record">With the id that it gets where it is new.</param>
    /// <param name="ct">As of the other one.</param>
    /// <exception cref="OperatorException">It is new, and something is stored of a source whose record is lost, which may be this one.</exception>
    public async ValueTask<SourceRecord> RegisterSourceAsync(SourceRecord record, CancellationToken ct)
    {
        var name = SourceName.Validate(record.Name);
        try
        {
            return await _reader.ReadSourceAsync(name, ct);
        }
        catch (ObjectMissingException)
        {
            // The usual case of a first backup.
        }

        // One of another repository with the same history brings its id along, and so mends what is lost here.
        if (await this.FindLostRecordsAsync(ct) is { Count: > 0 } lost && lost.All(one => one.Id != record.Id))
        {
            throw lost.ToFailure($"Source '{name}' is not registered, since it would begin a second history: {Location}");
        }

        return await PublishRecordAsync(record, ct);
    }

    /// <summary>Writes the record of a source anew that is lost, from what else is known of it.</summary>
    /// <param name="id">Null: the only one.</param>
    /// <param name="name">Null: as its newest backup tells.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="OperatorException">There is no such source, or several; or its name is not known, or taken.</exception>
    public async ValueTask<SourceRecord> RepairSourceAsync(SourceId? id, string? name, CancellationToken ct)
    {
        var lost = (await this.FindLostRecordsAsync(ct)).Where(one => id is null || one.Id == id).ToList();
        var (found, told) = lost.Count switch
        {
            1 => lost[0],
            0 => throw new OperatorException(
                FailureKind.Failed,
                $"{Location} holds nothing of a source{(id is null ? "" : $" {id}")} whose record is lost.",
                "'backup-sidecar list' shows the sources that there are. A record that is damaged is moved out of the repository first, then it counts as lost."),
            _ => throw lost.ToFailure(Location, "Name one of them with --id. "),
        };
        var wanted = SourceName.Validate(name ?? told?.Name ?? throw new OperatorException(
            FailureKind.Failed, $"No readable backup of source {found} in {Location} tells its name.", "Give it one with --source: the name of its database in the configuration, or another one."));
        if ((await ListSourceNamesAsync(ct)).Contains(wanted, StringComparer.Ordinal))
        {
            throw new OperatorException(FailureKind.Failed, $"{Location} has another source '{wanted}' already.", $"Give source {found} another name with --source, such as '{wanted}-before'.");
        }

        return await PublishRecordAsync(new SourceRecord(found, wanted, told is null ? null : new SourcePlace(told.Path, told.Host)), ct);
    }

    private async ValueTask<SourceRecord> PublishRecordAsync(SourceRecord record, CancellationToken ct)
    {
        try
        {
            await _store.PublishSmallAsync(RepositoryLayout.RecordOf(record.Name), SourceRecordCodec.ToBytes(record, Id), ct);
            return record;
        }
        catch (ObjectExistsException)
        {
            return await _reader.ReadSourceAsync(record.Name, ct);
        }
    }

    public async ValueTask<PackUpload> StagePackAsync(PackName name, CancellationToken ct) =>
        new(name, await _store.StageAsync(name.ToObjectName(), ct));

    /// <summary>The name under which a pack is put that may have been made before: the one under which an earlier process began to put it, where it can still be gone on with, and another id where the catalog knows of one with this id.</summary>
    public PackName NameToPut(PackName name, SourceCatalog catalog) => catalog.HasHad(name.Pack) ? name with { Pack = PackId.New() } : FindBegun(name) ?? name;

    private PackName? FindBegun(PackName name) => _store.ListBegun()
        .Select(begun => PackName.TryParse(begun, out var pack) ? pack : default)
        .Where(pack => pack != default && pack with { Stamp = name.Stamp } == name && (Lease?.TryGoOnWith(pack.Stamp) ?? pack.Stamp.IsNone))
        .Cast<PackName?>()
        .FirstOrDefault();

    /// <summary>The sources of which an earlier process began to put something.</summary>
    public IReadOnlySet<SourceId> FindSourcesBegun() => _store.ListBegun().Select(begun => PackName.TryParse(begun, out var pack) ? pack.Source : default).ToHashSet();

    /// <summary>Publishes a pack whose content is at hand. It is durable and visible when the call returns, and not there at all before.</summary>
    public ValueTask PutPackAsync(PackName name, IPackObject content, CancellationToken ct) => _store.PutAsync(name.ToObjectName(), new GivenPack(content), ct);

    /// <summary>Publishes a backup. Its packs were published before.</summary>
    /// <exception cref="ManifestFormatException">The manifest says something that no reader would accept.</exception>
    public async ValueTask<ManifestEntry> PublishManifestAsync(BackupManifest manifest, CancellationToken ct)
    {
        if (manifest.RepositoryId != Id)
        {
            throw new InvalidOperationException($"The manifest is of repository {manifest.RepositoryId}, this is {Id}.");
        }

        var bytes = ManifestCodec.ToBytes(manifest, Location);
        var name = ManifestCodec.NameOf(manifest, bytes) with { Stamp = Stamp };
        await _store.PublishSmallAsync(name.ToObjectName(), bytes, ct);
        return new ManifestEntry(name, bytes.Length);
    }

    /// <summary>Says something of a backup, in the place of what was said before.</summary>
    public ValueTask PublishMarkAsync(BackupMark mark, CancellationToken ct) => _store.PublishSmallAsync(mark.Name.ToObjectName(), BackupMarkCodec.ToBytes(mark, Id), ct);

    /// <summary>Deletes marks that others have taken the place of, or whose backup is gone.</summary>
    public ValueTask DeleteMarksAsync(IEnumerable<BackupMarkName> marks, CancellationToken ct) => _store.DeleteAllAsync([.. marks.Select(mark => mark.ToObjectName())], ct);

    /// <summary>Deletes a backup: its manifest, and with it its claim on the packs.</summary>
    public ValueTask DeleteManifestAsync(ManifestName manifest, CancellationToken ct) => _store.DeleteAsync(manifest.ToObjectName(), ct);

    /// <summary>Says which packs are about to go. They are deleted later, when readers that saw them have finished.</summary>
    public async ValueTask<Tombstone> PublishTombstoneAsync(SourceId source, IReadOnlyList<PackName> packs, DateTimeOffset now, CancellationToken ct)
    {
        if (packs.Count > Tombstone.PacksMax || packs.Any(pack => pack.Source != source))
        {
            throw new InvalidOperationException($"A tombstone of source {source} cannot name these {packs.Count} packs.");
        }

        var tombstone = new Tombstone(new TombstoneName(source, UtcMicroseconds.From(now), TombstoneId.New()) { Stamp = Stamp }, packs);
        await _store.PublishSmallAsync(tombstone.Name.ToObjectName(), TombstoneCodec.ToBytes(tombstone, Id), ct);
        return tombstone;
    }

    /// <summary>Deletes the packs of a tombstone, then the tombstone. Where it ends too early, it can be called again.</summary>
    /// <remarks>Newest first: whatever is left of them can still be reached.</remarks>
    public async ValueTask SweepAsync(Tombstone tombstone, CancellationToken ct)
    {
        await _store.DeleteAllAsync([.. tombstone.Packs.OrderDescending().Select(pack => pack.ToObjectName())], ct);
        await WithdrawTombstoneAsync(tombstone, ct);
    }

    /// <summary>Deletes a tombstone alone: its packs stay.</summary>
    public ValueTask WithdrawTombstoneAsync(Tombstone tombstone, CancellationToken ct) => _store.DeleteAsync(tombstone.Name.ToObjectName(), ct);

    /// <summary>Deletes a pack that nobody can have begun to use: one that did not prove itself when it was published.</summary>
    public ValueTask DeletePackAsync(PackName pack, CancellationToken ct) => _store.DeleteAsync(pack.ToObjectName(), ct);

    public ValueTask DisposeAsync() => _writerLock.DisposeAsync();

    private static async ValueTask<RepositoryConfig> InitializeAsync(IObjectStore store, TimeProvider time, CancellationToken ct)
    {
        await RequireEmptyAsync(store, ct);
        var config = new RepositoryConfig(RepositoryId.New(), UtcMicroseconds.From(time.GetUtcNow()));
        try
        {
            await store.PublishSmallAsync(RepositoryLayout.Config, config.ToBytes(), ct);
            return config;
        }
        catch (ObjectExistsException)
        {
            return await ReadConfigAsync(store, ct);
        }
    }

    private static async ValueTask<RepositoryConfig?> TryReadConfigAsync(IObjectStore store, CancellationToken ct)
    {
        try
        {
            return RepositoryConfig.Parse(await store.ReadSmallAsync(RepositoryLayout.Config, SealedDocument.LengthMax, ct), store.Location);
        }
        catch (ObjectMissingException)
        {
            return null;
        }
        catch (StoreException e) when (e.Kind == FailureKind.RepositoryMissing)
        {
            return null;
        }
    }

    /// <exception cref="OperatorException">There is no repository (<see cref="FailureKind.RepositoryMissing"/>), or its configuration is lost or cannot be read (any other kind).</exception>
    internal static async ValueTask<RepositoryConfig> ReadConfigAsync(IObjectStore store, CancellationToken ct)
    {
        if (await TryReadConfigAsync(store, ct) is { } config)
        {
            return config;
        }

        return await FindObstacleAsync(store, ct) is { } content && IsOfRepository(content)
            ? throw ConfigLost(store, content)
            : await TryReadConfigAsync(store, ct) ?? throw new OperatorException(
                FailureKind.RepositoryMissing,
                $"There is no repository in {store.Location}.",
                "Check the path, and that its volume is mounted: where there was one, it is not to be made anew in an empty mount point. Where there was none yet, the first 'backup' or 'serve' makes the local one, and 'repository add' one beside it.");
    }

    /// <summary>Returns as well if another writer has just made it a repository.</summary>
    private static async ValueTask RequireEmptyAsync(IObjectStore store, CancellationToken ct)
    {
        if (await FindObstacleAsync(store, ct) is { } content)
        {
            throw IsOfRepository(content) ? ConfigLost(store, content) : new OperatorException(
                FailureKind.Failed,
                $"{store.Location} is no repository, and it is not empty: it holds '{content}'.",
                "Name an empty or new directory for the repository, or correct the path.");
        }
    }

    /// <summary>What lies in a place that is no repository; null if nothing does, or if another writer has made it one since it was looked at last.</summary>
    private static async ValueTask<string?> FindObstacleAsync(IObjectStore store, CancellationToken ct) =>
        await FindContentAsync(store, ct) is { } content && await TryReadConfigAsync(store, ct) is null ? content : null;

    /// <summary>Something that is there, preferring what could be part of a repository; null if nothing is.</summary>
    private static async ValueTask<string?> FindContentAsync(IObjectStore store, CancellationToken ct)
    {
        try
        {
            foreach (var folder in (string[])[RepositoryLayout.PackFolder, RepositoryLayout.ManifestFolder, RepositoryLayout.SourceFolder, ""])
            {
                await foreach (var listing in store.ListAsync(folder, ct))
                {
                    return listing.Name.ToString();
                }
            }

            return await store.FindForeignAsync(ct);
        }
        catch (StoreException e) when (e.Kind == FailureKind.RepositoryMissing)
        {
            return null;
        }
    }

    private static bool IsOfRepository(string content) =>
        ObjectName.TryParse(content, out var name)
        && (PackName.TryParse(name, out _) || ManifestName.TryParse(name, out _)
            || content.StartsWith(RepositoryLayout.SourceFolder, StringComparison.Ordinal));

    private static OperatorException ConfigLost(IObjectStore store, string content) => new(
        FailureKind.VerificationFailed,
        $"'{RepositoryLayout.Config}' is missing in {store.Location}, which still holds '{content}'.",
        "Bring it back from a copy of the repository; nothing is written until then. If this is not a repository, use another directory.");
}
