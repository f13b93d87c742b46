using System.Net;
using System.Runtime.CompilerServices;
using BackupSidecar.Primitives;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;
using Google.Apis.Requests;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>A store in a folder of Google Drive: an object is a file, with the object's whole name as the file's.</summary>
/// <remarks>
/// Names are not unique in Drive and listings may lag, so identity is the file's id: what this process put or saw listed is asked for by id, everything else is looked
/// for by name. Two files of one name with equal content are one object; with different content they are an error, since nobody can tell which one is meant.
/// What is in the trash does not exist; files that are no objects are never touched. The lock is one within this machine: between machines the leases stand.
/// </remarks>
internal sealed class DriveStore : IObjectStore, ILeaseStore, IDisposable
{
    private const string LockFileName = "lock";
    private const int BatchMax = 100;

    /// <summary>Unknown names that are looked for one by one; more are found by one listing of everything.</summary>
    private const int LookUpsMax = 3;

    private readonly DriveConnection _connection;
    private readonly KnownObjects _known;
    private readonly ReadAheadRoom _readAhead = new();
    private readonly UploadJournal _journal;
    private readonly DriveSpool _spool;
    private readonly DriveUploads _uploads;
    private readonly DriveLeases _leases;
    private readonly TimeProvider _time;

    /// <summary>Uploads whose outcome the process before this one did not learn.</summary>
    private IReadOnlyList<UploadRecord> _unresolved = [];

    private DriveStore(DriveConnection connection, TimeProvider time)
    {
        (_connection, _time) = (connection, time);
        var state = connection.Options.StateDirectory;
        _known = new KnownObjects(new RecentObjects(Path.Join(state, "recent"), time), time);
        _journal = new UploadJournal(Path.Join(state, "uploads"), time);
        _spool = new DriveSpool(Path.Join(state, "spool"));
        _uploads = new DriveUploads(connection, _known, _journal);
        _leases = new DriveLeases(connection);
    }

    public string Location => _connection.Location;

    /// <summary>The credential and its budget.</summary>
    public DriveAccountStatus Account => _connection.Account.Status;

    /// <summary>Uploads that were begun and are not known to have ended.</summary>
    public int UnfinishedUploads => _journal.Count;

    /// <summary>Asks Drive for nothing, so that it succeeds without a network: a folder or credential that is wrong shows at the first call.</summary>
    /// <exception cref="StoreException">An option is not as it can be, or the state directory cannot be made.</exception>
    public static ValueTask<DriveStore> OpenAsync(DriveStoreOptions options, DriveAccounts accounts, TimeProvider time, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Open(options, accounts, time));
    }

    /// <summary>As <see cref="OpenAsync(DriveStoreOptions, DriveAccounts, TimeProvider, CancellationToken)"/>.</summary>
    public static DriveStore Open(DriveStoreOptions options, DriveAccounts accounts, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.FolderId);
        var store = new DriveStore(new DriveConnection(options, accounts, time), time);
        PrivateFile.CreateDirectory(options.StateDirectory);
        return store;
    }

    public ValueTask<IStagedObject> StageAsync(ObjectName name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IStagedObject>(_spool.Stage(name, _uploads));
    }

    public ValueTask PutAsync(ObjectName name, IStoredObject content, CancellationToken ct) => _uploads.PutAsync(name, content, ct);

    public async ValueTask<IStoredObject> OpenAsync(ObjectName name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_known.FindJustPut(name.ToString()) is { } put)
        {
            return new ReadAheadObject(new DriveStoredObject(name, put.Id, put.Size, _connection, _time), _readAhead);
        }

        var step = $"open '{name}'";
        IEnumerable<string> ids = _known.Find(name.ToString()) is { Count: > 0 } files ? Unambiguous(name, files).Select(file => file.Id) : [];
        foreach (var id in ids)
        {
            if (await _connection.FindAsync(id, step, ct) is { Trashed: not true, Size: { } size })
            {
                return new ReadAheadObject(new DriveStoredObject(name, id, size, _connection, _time), _readAhead);
            }
        }

        _known.Forget(name.ToString());
        ids = Unambiguous(name, await LookForAsync(name, step, ct)).Select(file => file.Id);
        if (_journal.Find(name) is { } record)
        {
            // A put of this name whose outcome was not learnt, and that no listing may show yet.
            ids = ids.Append(record.Id);
        }

        foreach (var id in ids)
        {
            // A listing may show what is gone.
            if (await _connection.FindAsync(id, step, ct) is { Trashed: not true, Size: { } size })
            {
                return new ReadAheadObject(new DriveStoredObject(name, id, size, _connection, _time), _readAhead);
            }
        }

        throw new ObjectMissingException(name, Location);
    }

    public async IAsyncEnumerable<ObjectListing> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        foreach (var (name, files) in await ReadListingAsync(prefix, ct))
        {
            yield return new ObjectListing(ObjectName.Parse(name), Unambiguous(ObjectName.Parse(name), files)[0].Size);
        }
    }

    public async ValueTask<string?> FindForeignAsync(CancellationToken ct)
    {
        await foreach (var file in _connection.ListAsync("", "list", ct))
        {
            if (!DriveNames.TryRead(file, out _) && DriveLeases.KindOf(file) is null)
            {
                return file.Name;
            }
        }

        return null;
    }

    public async ValueTask DeleteAsync(ObjectName name, CancellationToken ct)
    {
        var step = $"delete '{name}'";
        var files = _known.Find(name.ToString()) is { Count: > 0 } known ? known : await LookForAsync(name, step, ct);
        foreach (var file in files)
        {
            await _connection.DeleteAsync(file.Id, step, ct);
        }

        _known.Deleted(name.ToString(), [.. files.Select(file => file.Id)]);
    }

    public async ValueTask DeleteAllAsync(IReadOnlyList<ObjectName> names, CancellationToken ct)
    {
        var wanted = names.Distinct().ToList();
        var unknown = wanted.Where(name => _known.Find(name.ToString()).Count == 0).ToList();
        if (unknown.Count > LookUpsMax)
        {
            // What it shows becomes known.
            _ = await ReadListingAsync("", ct);
        }
        else
        {
            foreach (var name in unknown)
            {
                _ = await LookForAsync(name, $"delete '{name}'", ct);
            }
        }

        var files = wanted.SelectMany(name => _known.Find(name.ToString()).Select(file => (Name: name, file.Id))).ToList();
        foreach (var batch in files.Chunk(BatchMax))
        {
            try
            {
                await DeleteBatchAsync(batch, ct);
            }
            catch (DriveCallException e) when (_connection.TrashInstead(e))
            {
                await DeleteBatchAsync(batch, ct);
            }
        }
    }

    public IReadOnlyList<ObjectName> ListBegun() => [.. _journal.All().Select(record => ObjectName.Parse(record.Name))];

    /// <inheritdoc/>
    /// <remarks>Within this machine. Also removes what dead processes left in the state directory.</remarks>
    public ValueTask<IAsyncDisposable> LockForWritingAsync(string holder, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var state = _connection.Options.StateDirectory;
        PrivateFile.CreateDirectory(state);
        var taken = FileSystemLock.Take(Path.Join(state, LockFileName), holder, Location, new FileSystemErrors(state));
        _spool.Sweep();
        _journal.Sweep();
        _known.Remember();
        _unresolved = _journal.All();
        return ValueTask.FromResult<IAsyncDisposable>(taken);
    }

    public ValueTask<StoredLease?> FindNewestAsync(CancellationToken ct) => _leases.FindNewestAsync(ct);

    public ValueTask<StoredLease?> TryCreateAsync(StoredLease? newest, ReadOnlyMemory<byte> content, CancellationToken ct) => _leases.TryCreateAsync(newest, content, ct);

    public ValueTask ContinueAsync(StoredLease lease, CancellationToken ct) => _leases.ContinueAsync(lease, ct);

    public ValueTask<bool> AnnounceAsync(StoredLease lease, ReadOnlyMemory<byte> announcement, CancellationToken ct) => _leases.AnnounceAsync(lease, announcement, ct);

    public ValueTask<byte[]?> ReadAnnouncementAsync(StoredLease lease, CancellationToken ct) => _leases.ReadAnnouncementAsync(lease, ct);

    /// <summary>The account is others' as well, and stays.</summary>
    public void Dispose()
    {
        _leases.Dispose();
        _connection.Dispose();
    }

    /// <summary>Every object below the prefix, in ordinal order: what Drive lists, with what this process knows better.</summary>
    private async ValueTask<SortedDictionary<string, List<KnownFile>>> ReadListingAsync(string prefix, CancellationToken ct)
    {
        var objects = new SortedDictionary<string, List<KnownFile>>(StringComparer.Ordinal);
        if (DriveNames.QueryFor(prefix) is not { } query)
        {
            return objects;
        }

        await ResolveAsync(ct);

        await foreach (var file in _connection.ListAsync(query, "list", ct))
        {
            if (file.Name!.StartsWith(prefix, StringComparison.Ordinal) && DriveNames.TryRead(file, out _) && !_known.IsDeleted(file.Id!))
            {
                Add(objects, file.Name, KnownOf(file));
            }
        }

        foreach (var (name, file) in _known.OwnBelow(prefix))
        {
            if (!objects.ContainsKey(name))
            {
                // The listing lags, or somebody else has deleted it.
                if (await _connection.FindAsync(file.Id, $"look for '{name}'", ct) is { Trashed: not true })
                {
                    Add(objects, name, file);
                }
                else
                {
                    _known.Forget(name);
                }
            }
        }

        foreach (var (name, files) in objects)
        {
            _known.AddListed(name, files);
        }

        return objects;
    }

    /// <summary>What came through without an answer is there, also where a listing does not show it yet.</summary>
    private async ValueTask ResolveAsync(CancellationToken ct)
    {
        foreach (var record in _unresolved)
        {
            if (await _connection.FindAsync(record.Id, $"look for '{record.Name}'", ct) is { Trashed: not true, Size: { } size } file && size == record.Length)
            {
                _known.AddOwn(record.Name, KnownOf(file));
            }
        }

        _unresolved = [];
    }

    private async ValueTask<IReadOnlyList<KnownFile>> LookForAsync(ObjectName name, string step, CancellationToken ct)
    {
        var objects = new SortedDictionary<string, List<KnownFile>>(StringComparer.Ordinal);
        await foreach (var file in _connection.ListAsync(DriveNames.QueryFor(name), step, ct))
        {
            if (DriveNames.TryRead(file, out var found) && found == name && !_known.IsDeleted(file.Id!))
            {
                Add(objects, file.Name!, KnownOf(file));
            }
        }

        if (!objects.TryGetValue(name.ToString(), out var files))
        {
            return [];
        }

        _known.AddListed(name.ToString(), files);
        return files;
    }

    private async ValueTask DeleteBatchAsync((ObjectName Name, string Id)[] files, CancellationToken ct)
    {
        var left = files.ToList();
        var step = files.Length == 1 ? $"delete '{files[0].Name}'" : $"delete {files.Length} objects from '{files[0].Name}' on";
        _ = await _connection.Retry.CallAsync(
            step,
            async token =>
            {
                await _connection.Account.Budget.TakeAsync(left.Count * DriveBudget.WriteUnits, left.Count, token);
                var gone = new HashSet<string>(StringComparer.Ordinal);
                DriveCallException? failure = null;
                var batch = new BatchRequest(_connection.Service);
                var sent = left.ToList();
                foreach (var (_, id) in sent)
                {
                    batch.Queue<string>(_connection.DeleteRequest(id), (content, error, index, message) =>
                    {
                        var reasons = error?.Errors?.Select(single => single.Reason).OfType<string>().ToList() ?? [];
                        _connection.Account.Budget.Traffic.Add(DriveRequestKind.Write, message.StatusCode, reasons);
                        if (message.IsSuccessStatusCode || message.StatusCode == HttpStatusCode.NotFound)
                        {
                            _ = gone.Add(sent[index].Id);
                        }
                        else
                        {
                            failure ??= _connection.Retry.Errors.OfAnswer(message.StatusCode, new DriveAttempt { Reasons = reasons, Message = error?.Message ?? "" }, step);
                        }
                    });
                }

                await batch.ExecuteAsync(token);
                foreach (var (name, id) in sent.Where(file => gone.Contains(file.Id)))
                {
                    _known.Deleted(name.ToString(), [id]);
                }

                _ = left.RemoveAll(file => gone.Contains(file.Id));
                return left.Count == 0 ? true : throw failure ?? (Exception)new UnexpectedAnswerException($"{left.Count} of {sent.Count} answers are missing");
            },
            ct);
    }

    private IReadOnlyList<KnownFile> Unambiguous(ObjectName name, IReadOnlyList<KnownFile> files)
    {
        // Also where there is none.
        var other = files.FirstOrDefault(file => file.Size != files[0].Size || file.Md5 != files[0].Md5);
        return other is null ? files : throw new StoreException(
            FailureKind.VerificationFailed,
            $"{Location} holds two different files named '{name}': {files[0].Id} ({files[0].Size} bytes) and {other.Id} ({other.Size} bytes).",
            "Two writers were at work, or somebody copied a file there. Stop all writers but one, look at both files at https://drive.google.com/file/d/ID/view, and delete the one that does not belong there.");
    }

    private static void Add(SortedDictionary<string, List<KnownFile>> objects, string name, KnownFile file)
    {
        if (!objects.TryGetValue(name, out var files))
        {
            objects.Add(name, files = []);
        }

        // A listing may show a file twice.
        if (!files.Exists(other => other.Id == file.Id))
        {
            files.Add(file);
        }
    }

    private static KnownFile KnownOf(DriveFile file) => new(file.Id!, file.Size ?? 0, file.Md5Checksum?.ToLowerInvariant() ?? "");
}
