using System.Security.Cryptography;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Accounts;
using BackupSidecar.DriveEmulator.Drives;
using BackupSidecar.DriveEmulator.Http;
using BackupSidecar.DriveEmulator.OAuth;

namespace BackupSidecar.DriveEmulator.Control;

/// <summary>The emulator's own calls on who may what: what a user, an administrator or Google's console does elsewhere.</summary>
internal sealed class GrantCalls(TokenBook tokens, Membership membership, EmulatorOptions options)
{
    public const string DefaultClient = "emulator-client";

    public IEnumerable<CallRoute> Routes() =>
    [
        ControlCalls.Of("tokens", "POST", IssueAsync),
        ControlCalls.Of("clients", "POST", RegisterAsync),
        ControlCalls.Of("client-file", "GET", ShowClientFileAsync),
        ControlCalls.Of("service-accounts", "POST", AddServiceAccountAsync),
        ControlCalls.Of("device/approve", "POST", AnswerDeviceAsync),
        ControlCalls.Of("revoke", "POST", RevokeAsync),
        ControlCalls.Of("members", "POST", SetMemberAsync),
    ];

    public IssuedTokens Issue(string? account, string? clientId, string? scope) =>
        tokens.Grant(new Caller(account ?? options.Account, clientId ?? DefaultClient, (scope ?? Caller.FullScope).Split(' ', StringSplitOptions.RemoveEmptyEntries), IsServiceAccount: false), withRefreshToken: true);

    /// <returns>The key file.</returns>
    public JsonObject AddServiceAccount(string? email, IReadOnlyList<string> actsFor, string origin)
    {
        var name = email ?? $"robot-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 6)}@drive-emulator.iam.gserviceaccount.com";
        var (account, keyFile) = ServiceAccountKey.Create(name, actsFor, origin);
        tokens.Add(account);
        return keyFile;
    }

    /// <summary>The file that Google's console gives for an installed app.</summary>
    public static JsonObject ClientFile(string clientId, string secret, string origin) => new()
    {
        ["installed"] = new JsonObject
        {
            ["client_id"] = clientId,
            ["project_id"] = "drive-emulator",
            ["auth_uri"] = $"{origin}/o/oauth2/v2/auth",
            ["token_uri"] = $"{origin}/token",
            ["auth_provider_x509_cert_url"] = $"{origin}/oauth2/v1/certs",
            ["client_secret"] = secret,
            ["redirect_uris"] = new JsonArray("http://localhost"),
        },
    };

    private static Task ShowClientFileAsync(Call call, CancellationToken ct) =>
        call.AnswerAsync(ClientFile(call.Parameter("id") ?? DefaultClient, call.Parameter("secret") ?? "emulator-secret", OriginOf(call)), ct);

    private static string OriginOf(Call call) => $"{call.Request.Scheme}://{call.Request.Host}";

    private async Task IssueAsync(Call call, CancellationToken ct)
    {
        var wanted = await ControlJson.ReadAsync<TokenDocument>(call, ct);
        var issued = Issue(wanted.Account, wanted.ClientId, wanted.Scope);
        await call.AnswerAsync(
            new JsonObject
            {
                ["access_token"] = issued.AccessToken,
                ["refresh_token"] = issued.RefreshToken,
                ["client_id"] = wanted.ClientId ?? DefaultClient,
                ["expires_in"] = (long)issued.Lifetime.TotalSeconds,
                ["scope"] = issued.Scope,
            },
            ct);
    }

    private async Task RegisterAsync(Call call, CancellationToken ct)
    {
        var client = await ControlJson.ReadAsync<ClientDocument>(call, ct);
        tokens.Register(new RegisteredClient(client.Id, client.Secret));
        call.AnswerNothing(204);
    }

    private async Task AddServiceAccountAsync(Call call, CancellationToken ct)
    {
        var wanted = await ControlJson.ReadAsync<ServiceAccountDocument>(call, ct);
        await call.AnswerAsync(AddServiceAccount(wanted.Email, wanted.ActsFor, OriginOf(call)), ct);
    }

    private async Task AnswerDeviceAsync(Call call, CancellationToken ct)
    {
        var answer = await ControlJson.ReadAsync<DeviceDocument>(call, ct);
        if (!tokens.Answer(answer.UserCode, answer.Account ?? options.Account, !answer.Deny))
        {
            throw new DriveException(404, "notFound", $"No device waits with the code {answer.UserCode}.");
        }

        call.AnswerNothing(204);
    }

    private async Task RevokeAsync(Call call, CancellationToken ct)
    {
        var wanted = await ControlJson.ReadAsync<RevokeDocument>(call, ct);
        var dead = wanted.Token is { } token ? (tokens.Revoke(token) ? 1 : 0) : tokens.RevokeAll(wanted.Account, wanted.ClientId);
        await call.AnswerAsync(new JsonObject { ["revoked"] = dead }, ct);
    }

    private async Task SetMemberAsync(Call call, CancellationToken ct)
    {
        var member = await ControlJson.ReadAsync<MemberDocument>(call, ct);
        membership.Set(member.FileId, member.Account, member.Role);
        call.AnswerNothing(204);
    }
}
