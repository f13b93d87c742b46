using System.Net;
using System.Net.Http.Headers;
using BackupSidecar.Store.GoogleDrive.Traffic;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>One credential in use: puts its token on every request, renews it when Drive does not accept it, and knows when it is dead.</summary>
/// <remarks>All stores with an equal credential share one, and so its <see cref="Budget"/>. A dead credential comes to life when its file changes: no restart is needed after <c>drive login</c>.</remarks>
internal sealed class DriveAccount : IConfigurableHttpClientInitializer, IHttpExecuteInterceptor, IHttpUnsuccessfulResponseHandler, IDisposable
{
    /// <summary>The second one is for the answer 401, after a new token, and for the question how far an upload has come. Every other one is for <see cref="DriveRetry"/> to decide.</summary>
    private const int TriesMax = 2;

    /// <summary>Answers to a request for a token that no second request changes.</summary>
    private static readonly string[] Final = ["invalid_grant", "invalid_client", "unauthorized_client", "deleted_client", "disabled_client", "invalid_scope", "access_denied", "org_internal"];

    private readonly DriveCredentialOptions _options;
    private readonly CredentialReader _reader;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _renewing = new(1);
    private ITokenSource? _source;
    private DriveToken? _token;
    private DriveCredentialDeadException? _death;
    private DateTime _fileTime;

    /// <summary>The file has changed since it was read.</summary>
    private bool _isOutdated;

    public DriveAccount(DriveCredentialOptions options, DriveBudget budget, CredentialReader reader, TimeProvider time)
    {
        (_options, Budget, _reader, _time) = (options, budget, reader, time);
    }

    public DriveBudget Budget { get; }

    /// <summary>Waits for nobody who asks Google.</summary>
    public DriveAccountStatus Status => new()
    {
        Credential = _options.Location,
        Kind = Volatile.Read(ref _source)?.Kind,
        ExpiresAt = Volatile.Read(ref _token)?.ExpiresAt,
        Death = Volatile.Read(ref _death),
        Requests = Budget.Traffic.Counts,
        RequestsToday = Budget.RequestsToday,
        RequestsPerDay = Budget.RequestsPerDay,
        UnitsInLastMinute = Budget.UnitsInLastMinute,
        UnitsPerMinute = Budget.UnitsPerMinute,
        Waiting = Budget.Waiting,
    };

    public void Initialize(ConfigurableHttpClient httpClient)
    {
        // The gate watches for silence; how long a transfer takes does not matter.
        httpClient.Timeout = Timeout.InfiniteTimeSpan;
        httpClient.MessageHandler.NumTries = TriesMax;
        httpClient.MessageHandler.AddExecuteInterceptor(this);
        httpClient.MessageHandler.AddUnsuccessfulResponseHandler(this);
    }

    /// <summary>Has a token, so that a credential that is missing or dead shows.</summary>
    public async ValueTask<DriveAccountStatus> CheckAsync(CancellationToken ct)
    {
        _ = await GetTokenAsync(ct);
        return Status;
    }

    public async Task InterceptAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await GetTokenAsync(cancellationToken)).Secret);

    public async Task<bool> HandleResponseAsync(HandleUnsuccessfulResponseArgs args)
    {
        if (args.Response.StatusCode != HttpStatusCode.Unauthorized || !args.SupportsRetry)
        {
            return false;
        }

        await _renewing.WaitAsync(args.CancellationToken);
        try
        {
            // Another call may have had a new one while this one waited.
            return args.Request.Headers.Authorization?.Parameter != _token?.Secret || await AskAsync(source => source.RenewAsync(args.CancellationToken));
        }
        finally
        {
            _ = _renewing.Release();
        }
    }

    public void Dispose()
    {
        _renewing.Dispose();
        (_source as IDisposable)?.Dispose();
        Budget.Dispose();
    }

    private async ValueTask<DriveToken> GetTokenAsync(CancellationToken ct)
    {
        await _renewing.WaitAsync(ct);
        try
        {
            return _token = await AskAsync(source => source.GetAsync(ct));
        }
        finally
        {
            _ = _renewing.Release();
        }
    }

    /// <summary>Asks the source, and remembers if the answer is the last one.</summary>
    private async ValueTask<T> AskAsync<T>(Func<ITokenSource, ValueTask<T>> ask)
    {
        var source = Source();
        try
        {
            return await ask(source);
        }
        catch (TokenResponseException e) when (e.Error?.Error is { } reason && Final.Contains(reason) && HasChanged())
        {
            // Another process has written a new refresh token, which ended the one that this one knew.
            _isOutdated = true;
            return await AskAsync(ask);
        }
        catch (TokenResponseException e) when (e.Error?.Error is { } reason && Final.Contains(reason))
        {
            throw _death = new DriveCredentialDeadException(_options.Location, reason, HintFor(reason), _death?.Since ?? _time.GetUtcNow());
        }
        catch (TokenResponseException e)
        {
            throw new HttpRequestException($"The request for a token was answered with status {(int?)e.StatusCode}.", e, e.StatusCode);
        }
    }

    private ITokenSource Source()
    {
        // Until what took its place can be read.
        _isOutdated |= _death is not null && HasChanged();
        if (_death is not null && !_isOutdated)
        {
            throw _death;
        }

        if (_source is null || _isOutdated)
        {
            var fresh = ReadAgain();
            (_source as IDisposable)?.Dispose();
            (_source, _token, _death, _isOutdated) = (fresh, null, null, false);
        }

        return _source;
    }

    private ITokenSource ReadAgain()
    {
        _fileTime = FileTime();
        return _reader.Read(_options);
    }

    private bool HasChanged() => _options.File is not null && FileTime() != _fileTime;

    /// <summary>The library's answer for a file that is not there is a time as well.</summary>
    private DateTime FileTime() => _options.File is { } path ? File.GetLastWriteTimeUtc(path) : default;

    private static string HintFor(string reason) => reason switch
    {
        "invalid_grant" => "The sign-in was revoked, is 7 days old in an app that is in testing, was not used for 6 months, or the key was deleted; a clock that is wrong by minutes looks the same for a service account. Run 'drive login' again, or give a new key; what waits is then sent by itself.",
        "invalid_client" or "deleted_client" or "disabled_client" => "The OAuth client does not exist any more, or its secret is another one: create one in the Google Cloud console and run 'drive login' with it. A folder that the old client made is not visible to a new one.",
        "unauthorized_client" => "For delegation, the administrator of the domain must allow this service account the scope drive.file; for a user, run 'drive login' again.",
        _ => "Run 'drive login' again, or ask the administrator of the domain.",
    };
}
