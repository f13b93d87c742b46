using System.Text.Json;
using BackupSidecar.Primitives;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>From where a credential is to what gives its tokens.</summary>
/// <param name="time">For the expiry of tokens.</param>
/// <param name="variable">Of the environment; null where it is not set.</param>
internal sealed class CredentialReader(TimeProvider time, Func<string, string?> variable)
{
    private const string Allowed = "It can be what 'drive login' writes (type authorized_user), or the key file of a service account (type service_account).";

    /// <exception cref="DriveCredentialException">It is missing, or not what it should be.</exception>
    public ITokenSource Read(DriveCredentialOptions options)
    {
        if (options.File is null == options.Variable is null)
        {
            throw new DriveCredentialException("A Google credential has neither or both of a file and a variable.", "Name exactly one of the two.");
        }

        return options.Kind switch
        {
            DriveCredentialKind.Json => OfJson(options),
            DriveCredentialKind.RefreshToken => OfRefreshToken(options),
            DriveCredentialKind.AccessToken => new GivenToken(() => ReadText(options)),
            DriveCredentialKind.Unspecified or _ => throw new DriveCredentialException("A Google credential has no kind.", "It can be json, refreshToken or accessToken."),
        };
    }

    private ITokenSource OfJson(DriveCredentialOptions options)
    {
        CredentialDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(ReadText(options), CredentialJson.Default.CredentialDocument);
        }
        catch (JsonException e)
        {
            // Its message may quote what stands there.
            throw new DriveCredentialException($"The Google credential in {options.Location} is no JSON (line {e.LineNumber + 1}).", Allowed);
        }

        return document switch
        {
            { TokenUri: { } uri } when !Uri.TryCreate(uri, UriKind.Absolute, out _) => throw new DriveCredentialException($"The Google credential in {options.Location} has a token_uri that is no address.", Allowed),
            { Type: CredentialDocument.User, ClientId.Length: > 0, RefreshToken.Length: > 0 } when options.Subject is null => new UserTokens(document, options.File, time),
            { Type: CredentialDocument.User } when options.Subject is not null => throw new DriveCredentialException(
                $"The Google credential in {options.Location} is a user's, and a subject is set.", "Only a service account acts for somebody else: remove the subject, or name the key file of a service account."),
            { Type: CredentialDocument.ServiceAccount, ClientEmail.Length: > 0, PrivateKey.Length: > 0 } => new ServiceAccountTokens(document, options.Subject, options.Location, time),
            { Type: CredentialDocument.User or CredentialDocument.ServiceAccount } => throw new DriveCredentialException($"The Google credential in {options.Location} is incomplete.", Allowed),
            _ => throw new DriveCredentialException($"The Google credential in {options.Location} is of no type that is known.", Allowed),
        };
    }

    private UserTokens OfRefreshToken(DriveCredentialOptions options)
    {
        var client = OAuthClient.Read(options.ClientFile ?? throw new DriveCredentialException(
            $"The refresh token in {options.Location} needs the OAuth client that it was given to.", "Name the client's file beside it."));
        var document = new CredentialDocument { Type = CredentialDocument.User, ClientId = client.ClientId, ClientSecret = client.ClientSecret, TokenUri = client.TokenUri, RefreshToken = ReadText(options) };

        // The file holds the bare token: a new one is not written back, because its format is the owner's.
        return new UserTokens(document, path: null, time);
    }

    private string ReadText(DriveCredentialOptions options)
    {
        try
        {
            var text = (options.File is { } path ? File.ReadAllText(path) : variable(options.Variable!) ?? "").Trim();
            return text.Length > 0 ? text : throw new DriveCredentialException($"There is no Google credential in {options.Location}.", "Run 'drive login', or give the credential by the file or variable that the configuration names.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DriveCredentialException($"There is no Google credential at {options.Location}.", "Run 'drive login', or check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriveCredentialException($"Cannot read the Google credential {options.Location}: {e.Message}", $"Give user {ProcessUser.Name} access to it.", e);
        }
    }
}
