using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Accounts;

namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>The signed statement by which a service account asks for an access token.</summary>
/// <param name="systemTime">The clock that the client has as well: who moves the emulator's time does not move his signers'.</param>
internal sealed class JwtAssertion(TokenBook tokens, TimeProvider systemTime)
{
    private static readonly TimeSpan LifetimeMax = TimeSpan.FromHours(1);

    /// <summary>How far the clocks may differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <param name="tokenUri">The address under which the emulator was asked.</param>
    /// <exception cref="OAuthException">invalid_grant, or unauthorized_client for a user whom the account may not act for.</exception>
    public Caller Verify(string assertion, string tokenUri)
    {
        var parts = assertion.Split('.');
        var header = parts.Length == 3 ? Read(parts[0]) : throw OAuthException.InvalidGrant("Invalid JWT: it does not have three parts.");
        var claims = Read(parts[1]);
        if (Text(header, "alg") != "RS256")
        {
            throw OAuthException.InvalidGrant("Invalid JWT: the algorithm is not RS256.");
        }

        var account = tokens.FindServiceAccount(Text(claims, "iss")) ?? throw OAuthException.InvalidGrant("Invalid grant: account not found");
        CheckSignature(account, parts);
        CheckTimes(claims);
        if (Text(claims, "aud") is var audience && audience != tokenUri && audience != "https://oauth2.googleapis.com/token")
        {
            throw OAuthException.InvalidGrant($"Invalid JWT: Failed audience check. The right audience is {tokenUri}");
        }

        var scopes = Text(claims, "scope").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (scopes.Length == 0)
        {
            throw new OAuthException(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
        }

        var subject = Text(claims, "sub");
        if (subject.Length == 0 || subject == account.Email)
        {
            return new Caller(account.Email, account.ClientId, scopes, IsServiceAccount: true);
        }

        return account.ActsFor.Contains("*") || account.ActsFor.Contains(subject)
            ? new Caller(subject, account.ClientId, scopes, IsServiceAccount: false)
            : throw new OAuthException(401, "unauthorized_client", "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.");
    }

    private static void CheckSignature(ServiceAccount account, string[] parts)
    {
        using var key = RSA.Create();
        key.ImportFromPem(account.PublicKey);
        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        if (!Base64Url.IsValid(parts[2]) || !key.VerifyData(signed, Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
        {
            throw OAuthException.InvalidGrant("Invalid JWT Signature.");
        }
    }

    private void CheckTimes(JsonObject claims)
    {
        var now = systemTime.GetUtcNow();
        var issued = Time(claims, "iat");
        var expires = Time(claims, "exp");
        if (expires <= issued || expires - issued > LifetimeMax || issued > now + Skew || expires < now - Skew)
        {
            throw OAuthException.InvalidGrant("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.");
        }
    }

    private static JsonObject Read(string part)
    {
        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject ?? throw OAuthException.InvalidGrant("Invalid JWT: a part is no object.");
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            throw OAuthException.InvalidGrant("Invalid JWT: a part cannot be read.");
        }
    }

    private static string Text(JsonObject part, string name) => part[name]?.GetValueKind() == JsonValueKind.String ? part[name]!.GetValue<string>() : "";

    private static DateTimeOffset Time(JsonObject claims, string name) =>
        claims[name]?.GetValueKind() == JsonValueKind.Number && claims[name]!.AsValue().TryGetValue<long>(out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, 253_402_300_799))
            : throw OAuthException.InvalidGrant($"Invalid JWT: {name} is missing.");
}
