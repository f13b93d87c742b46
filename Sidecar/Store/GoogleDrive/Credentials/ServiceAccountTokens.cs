using System.Security.Cryptography;
using BackupSidecar.Store.GoogleDrive.Client;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>Tokens of a service account: had with its key, for itself or for a user that it may act for.</summary>
internal sealed class ServiceAccountTokens : ITokenSource, IDisposable
{
    private readonly ServiceAccountCredential _credential;

    public ServiceAccountTokens(CredentialDocument document, string? subject, string location, TimeProvider time)
    {
        try
        {
            _credential = new ServiceAccountCredential(new ServiceAccountCredential.Initializer(document.ClientEmail, document.TokenUri ?? CredentialDocument.GoogleTokenUri)
            {
                Scopes = [DriveService.DriveFileScope],
                User = subject,
                KeyId = document.PrivateKeyId,
                Clock = new DriveClock(time),
                DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
            }.FromPrivateKey(document.PrivateKey));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            throw new DriveCredentialException($"The key of the service account in {location} cannot be read.", "Download a new key for the service account in the Google Cloud console.", e);
        }

        Kind = subject is null ? $"service account {document.ClientEmail}" : $"service account {document.ClientEmail} for {subject}";
    }

    public string Kind { get; }

    public async ValueTask<DriveToken> GetAsync(CancellationToken ct)
    {
        var secret = await _credential.GetAccessTokenForRequestAsync(authUri: null, ct);
        return new DriveToken(secret, UserTokens.ExpiryOf(_credential.Token));
    }

    public async ValueTask<bool> RenewAsync(CancellationToken ct) => await _credential.RequestAccessTokenAsync(ct);

    public void Dispose() => (_credential as IDisposable)?.Dispose();
}
