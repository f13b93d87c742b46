using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Leases as files whose ids are fixed beforehand: each holds the id of the next one, so that only one can be created, and what exists is found by id and never by a listing.</summary>
/// <remarks>
/// The folder's property <c>lease</c> is the id of lease 1. A create that is answered with 409 has lost, unless the file holds the mark of this very call, whose
/// answer was then lost. Who has created lease n+1 marks lease n with <c>next</c>: an announcement under n replaces that file's content and gets its properties back
/// in the same request, so one of the two comes first and the other sees it. A taker that died between create and mark is made good by whoever goes on with its lease, or
/// takes it over: marks are set from the oldest lease on, so that before one that is marked all are. A listing only says where to begin to look.
/// <para>What remains: Drive knows no condition on an update, so a request that was given up and reaches Drive minutes later could bring an older announcement back, until its writer announces again.</para>
/// </remarks>
internal sealed class DriveLeases(DriveConnection connection) : IDisposable
{
    /// <summary>Of the folder: the id of lease 1.</summary>
    public const string FirstKey = "lease";

    private const string NumberKey = "leaseNumber";
    private const string NextIdKey = "nextId";
    private const string PreviousIdKey = "previousId";
    private const string NextKey = "next";
    private const string MarkKey = "mark";
    /// <summary>Of files that are ours and no objects: what they are.</summary>
    public const string KindKey = "kind";
    private const string Kind = "lease";

    private readonly SemaphoreSlim _turn = new(1);
    private readonly SortedDictionary<long, LeaseFile> _files = [];
    private readonly HashSet<long> _closedBefore = [];

    public static bool IsLease(DriveFile file) => KindOf(file) == Kind;

    /// <summary>Null: it is an object, or somebody else's.</summary>
    public static string? KindOf(DriveFile file) => file.AppProperties?.GetValueOrDefault(KindKey);

    public async ValueTask<StoredLease?> FindNewestAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var file = await FindNewestFileAsync(ct);
            return file is null ? null : new StoredLease(file.Number, (await ReadAsync(file, ct)).Content);
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    public async ValueTask<StoredLease?> TryCreateAsync(StoredLease? newest, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, ILeaseStore.SizeMax);
        await _turn.WaitAsync(ct);
        try
        {
            var before = newest is null ? null : await LocateAsync(newest.Number, ct);
            var created = new LeaseFile((newest?.Number ?? 0) + 1, before?.NextId ?? await FirstIdAsync(ct), before?.Id, await connection.Ids.NextAsync(ct));
            if (!await CreateAsync(created, content, ct))
            {
                return null;
            }

            _files[created.Number] = created;
            await CloseBeforeAsync(created, ct);
            return new StoredLease(created.Number, content.ToArray());
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    public async ValueTask ContinueAsync(StoredLease lease, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await CloseBeforeAsync(await LocateAsync(lease.Number, ct), ct);
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    public async ValueTask<bool> AnnounceAsync(StoredLease lease, ReadOnlyMemory<byte> announcement, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(announcement.Length, ILeaseStore.SizeMax);
        await _turn.WaitAsync(ct);
        try
        {
            var file = await LocateAsync(lease.Number, ct);
            await CloseBeforeAsync(file, ct);
            var bytes = LeaseEnvelope.Write(lease.Content.Span, announcement);
            var answer = await connection.Retry.CallAsync(
                $"announce under lease {lease.Number}",
                async token =>
                {
                    var request = connection.Service.Files.UpdateContent(file.Id, bytes);
                    request.Fields = "appProperties";
                    var updated = await request.ExecuteAsync(token);
                    return updated.AppProperties?.ContainsKey(NumberKey) == true ? updated : throw new UnexpectedAnswerException("the lease's properties did not come");
                },
                ct);
            return !answer.AppProperties!.ContainsKey(NextKey);
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    public async ValueTask<byte[]?> ReadAnnouncementAsync(StoredLease lease, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return (await ReadAsync(await LocateAsync(lease.Number, ct), ct)).Announcement;
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async ValueTask<bool> CreateAsync(LeaseFile lease, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        var mark = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var body = new DriveFile
        {
            Id = lease.Id,
            Name = $".lease-{lease.Number:D20}",
            MimeType = DriveFile.ContentType,
            Parents = [connection.Options.FolderId],
            AppProperties = new(StringComparer.Ordinal)
            {
                [KindKey] = Kind,
                [NumberKey] = lease.Number.ToString(CultureInfo.InvariantCulture),
                [NextIdKey] = lease.NextId,
                [MarkKey] = mark,
            },
        };
        if (lease.PreviousId is { } previous)
        {
            body.AppProperties.Add(PreviousIdKey, previous);
        }

        var step = $"create lease {lease.Number}";
        try
        {
            _ = await connection.Retry.CallAsync(step, token => connection.Service.Files.CreateMultipart(body, LeaseEnvelope.Write(content.Span, announcement: null)).ExecuteAsync(token), ct);
            return true;
        }
        catch (DriveCallException e) when (e.Fault == DriveFaultKind.Exists)
        {
            var taken = await connection.FindAsync(lease.Id, step, ct) ?? throw Gone(lease.Number);
            return taken.AppProperties?.GetValueOrDefault(MarkKey) == mark;
        }
    }

    /// <summary>From when on nothing can be announced any more under any lease before this one.</summary>
    private async ValueTask CloseBeforeAsync(LeaseFile lease, CancellationToken ct)
    {
        var open = new Stack<LeaseFile>();
        for (var at = lease; at.PreviousId is { } previous && !_closedBefore.Contains(at.Number);)
        {
            var file = await connection.FindAsync(previous, $"take over lease {at.Number - 1}", ct) ?? throw Gone(at.Number - 1);
            if (file.AppProperties?.ContainsKey(NextKey) == true)
            {
                _ = _closedBefore.Add(at.Number);
                break;
            }

            open.Push(at);
            at = await LocateAsync(at.Number - 1, ct);
        }

        while (open.TryPop(out var next))
        {
            var body = new DriveFile { AppProperties = new(StringComparer.Ordinal) { [NextKey] = next.Number.ToString(CultureInfo.InvariantCulture) } };
            _ = await connection.Retry.CallAsync($"take over lease {next.Number - 1}", token => connection.Service.Files.Update(body, next.PreviousId!).ExecuteAsync(token), ct);
            _ = _closedBefore.Add(next.Number);
        }
    }

    private async ValueTask<LeaseFile?> FindNewestFileAsync(CancellationToken ct)
    {
        if (_files.Count == 0)
        {
            await BeginAsync(ct);
        }

        while (_files.Count > 0 && await FindFileAsync(_files.Values.Last().NextId, ct) is { } next)
        {
            _files[next.Number] = next;
        }

        return _files.Count == 0 ? null : _files.Values.Last();
    }

    /// <summary>Finds one lease to go on from: the newest that a listing shows, or else the first.</summary>
    private async ValueTask BeginAsync(CancellationToken ct)
    {
        LeaseFile? shown = null;
        await foreach (var file in connection.ListAsync($"appProperties has {{ key='{KindKey}' and value='{Kind}' }}", "look for leases", ct))
        {
            shown = IsLease(file) && TryRead(file) is { } lease && lease.Number > (shown?.Number ?? 0) ? lease : shown;
        }

        if ((shown ?? await FindFileAsync(await FirstIdAsync(ct), ct)) is { } first)
        {
            _files[first.Number] = first;
        }
    }

    private async ValueTask<LeaseFile> LocateAsync(long number, CancellationToken ct)
    {
        if (_files.TryGetValue(number, out var known))
        {
            return known;
        }

        _ = await FindNewestFileAsync(ct);
        while (_files.Count > 0 && _files.Values.First() is { PreviousId: { } previous } first && first.Number > number)
        {
            var file = await FindFileAsync(previous, ct) ?? throw Gone(first.Number - 1);
            _files[file.Number] = file;
        }

        return _files.GetValueOrDefault(number) ?? throw Gone(number);
    }

    private async ValueTask<LeaseFile?> FindFileAsync(string id, CancellationToken ct)
    {
        var file = await connection.FindAsync(id, "look for leases", ct);
        return file is null ? null : TryRead(file) ?? throw new StoreException(
            FailureKind.VerificationFailed, $"The file {id} in {connection.Location} stands in the place of a lease and is none.", "Somebody changed it. 'repository check' looks at the whole repository.");
    }

    private async ValueTask<string> FirstIdAsync(CancellationToken ct)
    {
        var folder = await connection.FindAsync(connection.Options.FolderId, "look at the folder", ct) ?? throw new StoreException(
            FailureKind.RepositoryMissing,
            $"{connection.Location} does not exist, or this credential does not see it.",
            "Check the id. With the scope drive.file a folder is visible only to the OAuth client that made it: 'repository add' makes one.");
        return folder.AppProperties?.GetValueOrDefault(FirstKey) ?? throw new StoreException(
            FailureKind.RepositoryMissing, $"{connection.Location} was not made by this program for a repository.", "Let 'repository add' make a folder: it holds what writers need to know of each other.");
    }

    private async ValueTask<(byte[] Content, byte[]? Announcement)> ReadAsync(LeaseFile lease, CancellationToken ct) => await connection.Retry.CallAsync(
        $"read lease {lease.Number}",
        async token =>
        {
            await using var bytes = new MemoryStream();
            var result = await connection.Service.Files.Get(lease.Id).DownloadAsync(bytes, token);
            if (result.Exception is { } exception)
            {
                ExceptionDispatchInfo.Throw(exception);
            }

            return LeaseEnvelope.TryRead(bytes.ToArray(), out var content, out var announcement) ? (content, announcement) : throw new UnexpectedAnswerException("it is no lease, or not all of it");
        },
        ct);

    private static LeaseFile? TryRead(DriveFile file) =>
        file.AppProperties is { } properties && properties.GetValueOrDefault(NextIdKey) is { } next &&
        long.TryParse(properties.GetValueOrDefault(NumberKey), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new LeaseFile(number, file.Id!, properties.GetValueOrDefault(PreviousIdKey), next)
            : null;

    private StoreException Gone(long number) => new(
        FailureKind.VerificationFailed, $"Lease {number} of {connection.Location} was deleted.", "Nobody can write there any more: begin a repository in a new folder with 'repository add', and copy what is in the old one.");
}
