using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using BackupSidecar.DriveEmulator.Accounts;

namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>All grants and tokens, in memory and in one document on disk, which is written with every change.</summary>
internal sealed class TokenBook(string path, EmulatorOptions options, EmulatorClock clock)
{
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private OAuthDocument _document = AtomicFile.ReadJson<OAuthDocument>(path) ?? new OAuthDocument();

    /// <summary>Who is behind an access token; null: it is unknown, expired or revoked.</summary>
    public Caller? Find(string token)
    {
        lock (_lock)
        {
            return _document.AccessTokens.FirstOrDefault(issued => issued.Token == token) is { } found && found.Expires > clock.GetUtcNow() ? found.Caller : null;
        }
    }

    /// <summary>Began with the letters of Google's access tokens: an old one of ours, which <c>--any-token</c> must not bring to life.</summary>
    public static bool IsOurs(string token) => token.StartsWith("ya29.emu-", StringComparison.Ordinal);

    public IssuedTokens Grant(Caller caller, bool withRefreshToken)
    {
        lock (_lock)
        {
            return Grant_NeedsLock(caller, withRefreshToken);
        }
    }

    /// <exception cref="OAuthException">invalid_client: the app is registered with another secret.</exception>
    public void CheckClient(string clientId, string? secret)
    {
        lock (_lock)
        {
            if (_document.Clients.FirstOrDefault(client => client.Id == clientId) is { } known && known.Secret != secret)
            {
                throw new OAuthException(401, "invalid_client", "The provided client secret is invalid.");
            }
        }
    }

    public void Register(RegisteredClient client) =>
        Change(document => document with { Clients = [.. document.Clients.Where(other => other.Id != client.Id), client] });

    public string NewCode(Caller caller, string redirectUri, string? challenge)
    {
        var code = new AuthorizationCode("4/0" + Random(48), caller, redirectUri, challenge, clock.GetUtcNow() + CodeLifetime);
        Change(document => document with { Codes = [.. document.Codes, code] });
        return code.Code;
    }

    /// <summary>Good once, even if it is refused.</summary>
    /// <exception cref="OAuthException">invalid_grant: the code, the redirect or the verifier is wrong.</exception>
    public IssuedTokens Redeem(string code, string clientId, string redirectUri, string? verifier)
    {
        lock (_lock)
        {
            var found = _document.At(clock.GetUtcNow()).Codes.FirstOrDefault(issued => issued.Code == code);
            Save_NeedsLock(_document with { Codes = [.. _document.Codes.Where(issued => issued.Code != code)] });
            if (found is null || found.Caller.ClientId != clientId)
            {
                throw OAuthException.InvalidGrant("Malformed auth code.");
            }

            if (found.RedirectUri != redirectUri)
            {
                throw new OAuthException(400, "redirect_uri_mismatch", "Bad Request");
            }

            if (found.Challenge is not null && (verifier is null || Challenge(verifier) != found.Challenge))
            {
                throw OAuthException.InvalidGrant(verifier is null ? "Missing code verifier." : "Invalid code verifier.");
            }

            return Grant_NeedsLock(found.Caller, withRefreshToken: true);
        }
    }

    /// <exception cref="OAuthException">invalid_grant: the token is unknown, expired or revoked, or another app's.</exception>
    public IssuedTokens Refresh(string token, string clientId)
    {
        lock (_lock)
        {
            var found = _document.At(clock.GetUtcNow()).RefreshTokens.FirstOrDefault(issued => issued.Token == token && issued.Caller.ClientId == clientId)
                ?? throw OAuthException.InvalidGrant("Token has been expired or revoked.");
            if (options.RotateRefreshTokens)
            {
                Save_NeedsLock(_document with { RefreshTokens = [.. _document.RefreshTokens.Where(issued => issued != found)] });
                return Grant_NeedsLock(found.Caller, withRefreshToken: true);
            }

            var access = NewAccessToken(found.Caller, token);
            Save_NeedsLock(_document with { AccessTokens = [.. _document.AccessTokens, access] });
            return Issued(access, refresh: null);
        }
    }

    /// <summary>Ends a grant by either of its tokens.</summary>
    /// <returns>False: there is no such token.</returns>
    public bool Revoke(string token)
    {
        var access = Current().AccessTokens.FirstOrDefault(issued => issued.Token == token);
        var refresh = access is null ? token : access.RefreshToken;
        return Revoke(
            issued => issued.Token == token || (refresh is not null && issued.RefreshToken == refresh),
            issued => issued.Token == refresh) > 0;
    }

    /// <summary>Ends all grants of an account to an app, as its owner does on his account's page.</summary>
    /// <param name="account">Null: of every account.</param>
    /// <param name="clientId">Null: to every app.</param>
    /// <returns>Tokens that are dead now.</returns>
    public int RevokeAll(string? account, string? clientId)
    {
        bool Is(Caller caller) => (account is null || caller.Account == account) && (clientId is null || caller.ClientId == clientId);
        return Revoke(issued => Is(issued.Caller), issued => Is(issued.Caller));
    }

    public DeviceGrant StartDevice(string clientId, IReadOnlyList<string> scopes)
    {
        var letters = RandomNumberGenerator.GetString("BCDFGHJKLMNPQRSTVWXZ", 8);
        var grant = new DeviceGrant("AH-1" + Random(48), $"{letters[..4]}-{letters[4..]}", clientId, scopes, clock.GetUtcNow() + DeviceGrant.Lifetime, LastAsked: null, Account: null, IsRefused: false);
        Change(document => document with { Devices = [.. document.Devices, grant] });
        return grant;
    }

    /// <summary>What the user does on the other screen.</summary>
    /// <returns>False: no device waits with this code.</returns>
    public bool Answer(string userCode, string account, bool agrees)
    {
        lock (_lock)
        {
            var waiting = _document.Devices.FirstOrDefault(device => device.UserCode == userCode && device.Expires > clock.GetUtcNow() && device is { Account: null, IsRefused: false });
            if (waiting is null)
            {
                return false;
            }

            Replace_NeedsLock(waiting, waiting with { Account = agrees ? account : null, IsRefused = !agrees });
            return true;
        }
    }

    /// <exception cref="OAuthException">The user has not agreed yet, or the device asks too often, or in vain.</exception>
    public IssuedTokens Poll(string deviceCode, string clientId)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var device = _document.Devices.FirstOrDefault(other => other.DeviceCode == deviceCode && other.ClientId == clientId) ?? throw OAuthException.InvalidGrant("Malformed device code.");
            if (device.Expires <= now)
            {
                throw new OAuthException(400, "expired_token", "The device code has expired.");
            }

            var isEarly = now - device.LastAsked < DeviceGrant.Interval;
            Replace_NeedsLock(device, device with { LastAsked = now });
            if (isEarly)
            {
                throw new OAuthException(403, "slow_down", "Forbidden");
            }

            if (device.IsRefused)
            {
                throw new OAuthException(403, "access_denied", "Forbidden");
            }

            if (device.Account is not { } account)
            {
                throw new OAuthException(428, "authorization_pending", "Precondition Required");
            }

            Save_NeedsLock(_document with { Devices = [.. _document.Devices.Where(other => other.DeviceCode != deviceCode)] });
            return Grant_NeedsLock(new Caller(account, clientId, device.Scopes, IsServiceAccount: false), withRefreshToken: true);
        }
    }

    public void Add(ServiceAccount account) =>
        Change(document => document with { ServiceAccounts = [.. document.ServiceAccounts.Where(other => other.Email != account.Email), account] });

    public ServiceAccount? FindServiceAccount(string email) => Current().ServiceAccounts.FirstOrDefault(account => account.Email == email);

    private static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private static string Random(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));

    private OAuthDocument Current()
    {
        lock (_lock)
        {
            return _document;
        }
    }

    private IssuedTokens Grant_NeedsLock(Caller caller, bool withRefreshToken)
    {
        var refresh = withRefreshToken ? new RefreshToken("1//0emu-" + Random(36), caller, clock.GetUtcNow() + options.RefreshTokenLifetime) : null;
        var access = NewAccessToken(caller, refresh?.Token);
        Save_NeedsLock(_document with
        {
            AccessTokens = [.. _document.AccessTokens, access],
            RefreshTokens = refresh is null ? _document.RefreshTokens : [.. _document.RefreshTokens, refresh],
        });
        return Issued(access, refresh);
    }

    private AccessToken NewAccessToken(Caller caller, string? refreshToken) =>
        new("ya29.emu-" + Random(48), caller, clock.GetUtcNow() + options.AccessTokenLifetime, refreshToken);

    private IssuedTokens Issued(AccessToken access, RefreshToken? refresh) =>
        new(access.Token, refresh?.Token, options.AccessTokenLifetime, refresh is null ? null : options.RefreshTokenLifetime, string.Join(' ', access.Caller.Scopes));

    private int Revoke(Func<AccessToken, bool> isDeadAccess, Func<RefreshToken, bool> isDeadRefresh)
    {
        lock (_lock)
        {
            var before = _document.At(clock.GetUtcNow());
            var after = before with
            {
                AccessTokens = [.. before.AccessTokens.Where(issued => !isDeadAccess(issued))],
                RefreshTokens = [.. before.RefreshTokens.Where(issued => !isDeadRefresh(issued))],
            };
            Save_NeedsLock(after);
            return before.AccessTokens.Count + before.RefreshTokens.Count - after.AccessTokens.Count - after.RefreshTokens.Count;
        }
    }

    private void Replace_NeedsLock(DeviceGrant old, DeviceGrant changed) =>
        Save_NeedsLock(_document with { Devices = [.. _document.Devices.Select(device => device == old ? changed : device)] });

    private void Change(Func<OAuthDocument, OAuthDocument> change)
    {
        lock (_lock)
        {
            Save_NeedsLock(change(_document));
        }
    }

    private void Save_NeedsLock(OAuthDocument document)
    {
        _document = document.At(clock.GetUtcNow());
        AtomicFile.WriteJson(path, _document);
    }
}
