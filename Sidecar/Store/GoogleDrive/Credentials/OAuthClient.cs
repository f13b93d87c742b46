using System.Text.Json;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>The OAuth client that people sign in to. Only files that it made itself are open to it (scope drive.file).</summary>
internal sealed record OAuthClient
{
    public const string GoogleAuthUri = "https://accounts.google.com/o/oauth2/v2/auth";

    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public string? AuthUri { get; init; }

    public string? TokenUri { get; init; }

    public Uri Authorization => new(AuthUri ?? GoogleAuthUri);

    public Uri Token => new(TokenUri ?? CredentialDocument.GoogleTokenUri);

    /// <summary>Beside the address for tokens: the client file does not name it.</summary>
    public Uri DeviceCode => new(Token, "device/code");

    /// <exception cref="DriveCredentialException">It cannot be read, or is no client file.</exception>
    public static OAuthClient Read(string path)
    {
        try
        {
            var document = JsonSerializer.Deserialize(File.ReadAllText(path), CredentialJson.Default.ClientDocument);
            return (document?.Installed ?? document?.Web) is { ClientId.Length: > 0 } client && AreAddresses(client.AuthUri, client.TokenUri) ? client : throw NoClient(path, innerException: null);
        }
        catch (JsonException e)
        {
            throw NoClient(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriveCredentialException($"Cannot read the OAuth client file {path}: {e.Message}", "Check the path and the permissions.", e);
        }
    }

    /// <summary>Not the record's own text, which would hold the secret.</summary>
    public override string ToString() => ClientId ?? "an OAuth client";

    private static bool AreAddresses(params string?[] texts) => texts.All(text => text is null || Uri.TryCreate(text, UriKind.Absolute, out _));

    private static DriveCredentialException NoClient(string path, Exception? innerException) => new(
        $"{path} is not an OAuth client file.", "Create an OAuth client of the type 'Desktop app' in the Google Cloud console and download its JSON; docs/google-drive.md goes through it.", innerException);
}
