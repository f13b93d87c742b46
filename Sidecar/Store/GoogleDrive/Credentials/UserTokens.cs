using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Flows;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>Tokens of a user who signed in: had with a refresh token.</summary>
internal sealed class UserTokens : ITokenSource, IDisposable
{
    private readonly AuthorizationCodeFlow _flow;
    private readonly UserCredential _credential;

    public UserTokens(CredentialDocument document, string? path, TimeProvider time)
    {
        _flow = new AuthorizationCodeFlow(new AuthorizationCodeFlow.Initializer(OAuthClient.GoogleAuthUri, document.TokenUri ?? CredentialDocument.GoogleTokenUri)
        {
            ClientSecrets = new ClientSecrets { ClientId = document.ClientId, ClientSecret = document.ClientSecret },
            DataStore = new RefreshTokenFile(path, document),
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
            Clock = new DriveClock(time),
        });
        _credential = new UserCredential(_flow, "user", new TokenResponse { RefreshToken = document.RefreshToken });
    }

    public string Kind => "user";

    public async ValueTask<DriveToken> GetAsync(CancellationToken ct)
    {
        var secret = await _credential.GetAccessTokenForRequestAsync(authUri: null, ct);
        return new DriveToken(secret, ExpiryOf(_credential.Token));
    }

    public async ValueTask<bool> RenewAsync(CancellationToken ct) => await _credential.RefreshTokenAsync(ct);

    public void Dispose() => _flow.Dispose();

    internal static DateTimeOffset? ExpiryOf(TokenResponse? token) =>
        token?.ExpiresInSeconds is { } seconds ? new DateTimeOffset(DateTime.SpecifyKind(token.IssuedUtc, DateTimeKind.Utc)).AddSeconds(seconds) : null;
}
