using System.Runtime.CompilerServices;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;
using Google.Apis.Http;
using Google.Apis.Requests;
using Google.Apis.Services;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>One folder's way to Drive: the service with its credential, and the calls that all parts of the store need, each repeated where that may help.</summary>
internal sealed class DriveConnection : IDisposable
{
    private const string UserAgent = "backup-sidecar";

    private readonly DriveStoreOptions _options;
    private volatile bool _trashes;

    public DriveConnection(DriveStoreOptions options, DriveAccounts accounts, TimeProvider time)
    {
        _options = options.Validated();
        Account = accounts.Get(options.Credential, options.UnitsPerMinute, options.RequestsPerDay);
        Location = options.FolderId.Length > 0 ? $"Google Drive folder {options.FolderId}" : "Google Drive";
        Retry = new DriveRetry(options.Retry, new DriveErrors(Location), time);
        Service = new DriveService(
            new BaseClientService.Initializer
            {
                ApplicationName = UserAgent,
                HttpClientFactory = new DriveHttpClientFactory(Account.Budget, options.Retry.Patience, time, options.Wire ?? (static handler => handler)),
                HttpClientInitializer = Account,
                Serializer = DriveSerializer.Instance,
                GZipEnabled = false,
                DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
                MaxUrlLength = 0,
            },
            options.RootUri);
        Ids = new IdSupply(this);
    }

    public DriveStoreOptions Options => _options;

    public DriveAccount Account { get; }

    public DriveService Service { get; }

    public DriveRetry Retry { get; }

    public IdSupply Ids { get; }

    /// <summary>How messages name the store.</summary>
    public string Location { get; }

    /// <summary>By id, which is the truth where a listing may lag.</summary>
    /// <returns>Null: it does not exist, or this credential does not see it. A file in the trash is there.</returns>
    public async ValueTask<DriveFile?> FindAsync(string id, string step, CancellationToken ct)
    {
        try
        {
            return await Retry.CallAsync(step, token => Service.Files.Get(id).ExecuteAsync(token), ct);
        }
        catch (DriveCallException e) when (e.Fault == DriveFaultKind.Missing)
        {
            return null;
        }
    }

    /// <summary>What a listing shows now, in no order: it may lag behind, or show a file twice.</summary>
    /// <param name="query">What is asked for beside the folder, such as <c>name = 'a'</c>; empty: everything.</param>
    /// <param name="step">For messages.</param>
    /// <param name="ct">Ends the wait.</param>
    public async IAsyncEnumerable<DriveFile> ListAsync(string query, string step, [EnumeratorCancellation] CancellationToken ct)
    {
        var request = Service.Files.List();
        request.Q = $"'{_options.FolderId}' in parents and trashed = false" + (query.Length > 0 ? $" and {query}" : "");
        (request.Corpora, request.DriveId) = _options.SharedDriveId is { } drive ? ("drive", drive) : ((string?)null, null);
        do
        {
            var page = await Retry.CallAsync(step, request.ExecuteAsync, ct);
            foreach (var file in page.Files ?? [])
            {
                if (file is { Id: not null, Name: not null, Trashed: not true })
                {
                    yield return file;
                }
            }

            // An empty page may have a next one. That a token comes again would be an endless listing.
            if (page.NextPageToken is { } token && token == request.PageToken)
            {
                throw Retry.Errors.Of(new UnexpectedAnswerException("the listing does not come to an end"), new DriveAttempt(), step);
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken is { Length: > 0 });
    }

    /// <summary>For good, or into the trash where the account may do no more: in a shared drive only a manager deletes. What is in the trash does not exist for us, and Drive empties it after 30 days.</summary>
    public IClientServiceRequest DeleteRequest(string id) => _trashes ? Service.Files.Update(new DriveFile { Trashed = true }, id) : Service.Files.Delete(id);

    /// <summary>True if a delete that was refused is worth another try, by the trash.</summary>
    public bool TrashInstead(DriveCallException refusal)
    {
        if (refusal.Fault != DriveFaultKind.NotAllowed || _options.SharedDriveId is null || _trashes)
        {
            return false;
        }

        return _trashes = true;
    }

    /// <summary>Whether or not it is there.</summary>
    public async ValueTask DeleteAsync(string id, string step, CancellationToken ct)
    {
        try
        {
            _ = await Retry.CallAsync<object?>(step, async token => _trashes ? await Service.Files.Update(new DriveFile { Trashed = true }, id).ExecuteAsync(token) : await Service.Files.Delete(id).ExecuteAsync(token), ct);
        }
        catch (DriveCallException e) when (TrashInstead(e))
        {
            await DeleteAsync(id, step, ct);
        }
        catch (DriveCallException e) when (e.Fault == DriveFaultKind.Missing)
        {
            // Deleted before, by us or by somebody else.
        }
    }

    public void Dispose()
    {
        Ids.Dispose();
        Service.Dispose();
    }
}
