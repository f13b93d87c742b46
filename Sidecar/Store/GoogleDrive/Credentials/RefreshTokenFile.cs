using System.Text.Json;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Util.Store;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>Where the library puts what a refresh brought: a new refresh token goes into the credential's file at once, since the old one may be worth nothing any more.</summary>
/// <param name="path">Null: the credential came by a variable, and there is nowhere to write to.</param>
/// <param name="document">As it was read.</param>
internal sealed class RefreshTokenFile(string? path, CredentialDocument document) : IDataStore
{
    private string _refreshToken = document.RefreshToken!;

    public Task StoreAsync<T>(string key, T value)
    {
        if (path is not null && value is TokenResponse { RefreshToken: { Length: > 0 } token } && token != _refreshToken)
        {
            PrivateFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(document with { RefreshToken = token }, CredentialJson.Default.CredentialDocument));
            _refreshToken = token;
        }

        return Task.CompletedTask;
    }

    /// <summary>The library asks for it when a refresh failed. The file stays for its owner to look at.</summary>
    public Task DeleteAsync<T>(string key) => Task.CompletedTask;

    public Task<T> GetAsync<T>(string key) => Task.FromResult(default(T)!);

    public Task ClearAsync() => Task.CompletedTask;
}
