using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Accounts;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>The endpoints that apps talk to themselves: tokens, devices, revocation.</summary>
internal sealed class OAuthCalls(TokenBook tokens, JwtAssertion assertions)
{
    private const string DeviceGrantType = "urn:ietf:params:oauth:grant-type:device_code";
    private const string JwtGrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    /// <summary>The only ones that Google grants to devices, of those that concern Drive.</summary>
    private static readonly string[] DeviceScopes =
        [Caller.FileScope, "https://www.googleapis.com/auth/drive.appdata", "email", "openid", "profile", "https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/userinfo.profile"];

    public IEnumerable<CallRoute> Routes() =>
    [
        Of("oauth.token", "/token", TokenAsync),
        Of("oauth.token", "/o/oauth2/token", TokenAsync),
        Of("oauth.token", "/oauth2/v4/token", TokenAsync),
        Of("oauth.device", "/device/code", DeviceAsync),
        Of("oauth.revoke", "/revoke", RevokeAsync),
    ];

    /// <summary>With the refusals of OAuth, which have another body than Drive's.</summary>
    private static CallRoute Of(string kind, string path, Func<Call, IFormCollection, CancellationToken, Task> handle) =>
        new(kind, "POST", path, Units: 0, NeedsToken: false, async (call, ct) =>
        {
            try
            {
                var form = call.Request.HasFormContentType ? await call.Request.ReadFormAsync(ct) : FormCollection.Empty;
                await handle(call, form, ct);
            }
            catch (OAuthException error)
            {
                await call.AnswerAsync(new JsonObject { ["error"] = error.Error, ["error_description"] = error.Message }, ct, error.Status);
            }
        });

    private Task TokenAsync(Call call, IFormCollection form, CancellationToken ct)
    {
        var type = form["grant_type"].ToString();
        if (type == JwtGrantType)
        {
            var caller = assertions.Verify(Required(form, "assertion"), $"{call.Request.Scheme}://{call.Request.Host}{call.Request.Path}");
            return AnswerAsync(call, tokens.Grant(caller, withRefreshToken: false), ct);
        }

        var (clientId, secret) = ClientOf(call, form);
        tokens.CheckClient(clientId, secret);
        return AnswerAsync(
            call,
            type switch
            {
                "authorization_code" => tokens.Redeem(Required(form, "code"), clientId, Required(form, "redirect_uri"), Optional(form, "code_verifier")),
                "refresh_token" => tokens.Refresh(Required(form, "refresh_token"), clientId),
                DeviceGrantType => tokens.Poll(Required(form, "device_code"), clientId),
                _ => throw new OAuthException(400, "unsupported_grant_type", $"Invalid grant_type: {type}"),
            },
            ct);
    }

    private Task DeviceAsync(Call call, IFormCollection form, CancellationToken ct)
    {
        var scopes = Required(form, "scope").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (scopes.FirstOrDefault(scope => !DeviceScopes.Contains(scope)) is { } wrong)
        {
            throw new OAuthException(400, "invalid_scope", $"Invalid device flow scope: {wrong}");
        }

        var device = tokens.StartDevice(Required(form, "client_id"), scopes);
        return call.AnswerAsync(
            new JsonObject
            {
                ["device_code"] = device.DeviceCode,
                ["user_code"] = device.UserCode,
                ["expires_in"] = (int)DeviceGrant.Lifetime.TotalSeconds,
                ["interval"] = (int)DeviceGrant.Interval.TotalSeconds,
                ["verification_url"] = $"{call.Request.Scheme}://{call.Request.Host}/device",
            },
            ct);
    }

    private Task RevokeAsync(Call call, IFormCollection form, CancellationToken ct) =>
        tokens.Revoke(Optional(form, "token") ?? call.Parameter("token") ?? throw OAuthException.InvalidRequest("Missing required parameter: token"))
            ? call.AnswerAsync([], ct)
            : throw new OAuthException(400, "invalid_token", "Token expired or revoked");

    private static Task AnswerAsync(Call call, IssuedTokens issued, CancellationToken ct)
    {
        var answer = new JsonObject { ["access_token"] = issued.AccessToken, ["expires_in"] = (long)issued.Lifetime.TotalSeconds - 1 };
        if (issued.RefreshToken is { } refresh)
        {
            answer["refresh_token"] = refresh;
        }

        if (issued.RefreshTokenLifetime is { } lifetime)
        {
            answer["refresh_token_expires_in"] = (long)lifetime.TotalSeconds - 1;
        }

        answer["scope"] = issued.Scope;
        answer["token_type"] = "Bearer";
        call.Response.Headers.CacheControl = "no-cache, no-store, max-age=0, must-revalidate";
        return call.AnswerAsync(answer, ct);
    }

    /// <summary>In the form, or in the header of basic authentication.</summary>
    private static (string Id, string? Secret) ClientOf(Call call, IFormCollection form)
    {
        var header = call.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return (Required(form, "client_id"), Optional(form, "client_secret"));
        }

        try
        {
            var pair = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])).Split(':', 2);
            return (Uri.UnescapeDataString(pair[0]), pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : null);
        }
        catch (FormatException)
        {
            throw new OAuthException(401, "invalid_client", "The Authorization header cannot be read.");
        }
    }

    private static string Required(IFormCollection form, string name) =>
        Optional(form, name) ?? throw OAuthException.InvalidRequest($"Missing required parameter: {name}");

    private static string? Optional(IFormCollection form, string name) => form[name].ToString() is { Length: > 0 } text ? text : null;
}
