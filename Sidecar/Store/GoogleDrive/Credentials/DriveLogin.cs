using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BackupSidecar.Store.GoogleDrive.Client;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>Signs a person in and gives the credential that stays: by a browser on this host, or by a code on any other device.</summary>
/// <remarks>The browser's way is that of RFC 8252 with a proof key (RFC 7636); the other one that of RFC 8628. What is asked for is the scope drive.file and nothing else.</remarks>
internal sealed class DriveLogin(OAuthClient client, TimeProvider time) : IDisposable
{
    private const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>How long a person has in the browser.</summary>
    private static readonly TimeSpan BrowserMax = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new() { Timeout = AnswerMax };

    /// <param name="port">Of loopback, to which the browser comes back; 0: a free one.</param>
    /// <param name="onAddress">Gets the address that the person is to open.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<CredentialDocument> ByBrowserAsync(int port, Action<Uri> onAddress, CancellationToken ct)
    {
        using var redirect = new LoopbackRedirect(port);
        var state = Random();
        var verifier = Random();
        var challenge = Base64Url(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        onAddress(new Uri($"{Checked(client.Authorization)}?{Form(
            ("client_id", client.ClientId!), ("redirect_uri", redirect.Address.AbsoluteUri), ("response_type", "code"), ("scope", DriveService.DriveFileScope), ("access_type", "offline"),
            ("prompt", "consent"), ("state", state), ("code_challenge", challenge), ("code_challenge_method", "S256"))}"));
        using var late = new CancellationTokenSource(BrowserMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        IReadOnlyDictionary<string, string> answer;
        try
        {
            answer = await redirect.WaitAsync(state, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new DriveCredentialException($"Nobody signed in within {BrowserMax.TotalMinutes:0} minutes.", "Run the command again and open the address in a browser on this host; on a host without one use --device.");
        }

        return answer.GetValueOrDefault("code") is { } code
            ? DocumentOf(await AskAsync(
                client.Token, CredentialJson.Default.DeviceTokenAnswer, ct,
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect.Address.AbsoluteUri), ("code_verifier", verifier), ("client_id", client.ClientId!), ("client_secret", client.ClientSecret ?? "")))
            : throw Refused(answer.GetValueOrDefault("error") ?? "no code came");
    }

    /// <param name="onCode">Gets the address that the person is to open on any device, and the code to type there.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<CredentialDocument> ByDeviceAsync(Action<string, string> onCode, CancellationToken ct)
    {
        var device = await AskAsync(client.DeviceCode, CredentialJson.Default.DeviceCodeAnswer, ct, ("client_id", client.ClientId!), ("scope", DriveService.DriveFileScope));
        if (device is not { DeviceCode: { } deviceCode, UserCode: { } userCode } || (device.VerificationUrl ?? device.VerificationUri) is not { } address)
        {
            throw Refused(device.Error ?? "no code came");
        }

        onCode(address, userCode);
        var started = time.GetTimestamp();
        var pause = TimeSpan.FromSeconds(Math.Clamp(device.Interval ?? 5, 1, 60));
        while (time.GetElapsedTime(started) < TimeSpan.FromSeconds(device.ExpiresIn ?? 1_800))
        {
            await Task.Delay(pause, time, ct);
            var answer = await AskAsync(
                client.Token, CredentialJson.Default.DeviceTokenAnswer, ct,
                ("grant_type", DeviceGrant), ("device_code", deviceCode), ("client_id", client.ClientId!), ("client_secret", client.ClientSecret ?? ""));
            switch (answer.Error)
            {
                case null:
                    return DocumentOf(answer);
                case "authorization_pending":
                    continue;
                case "slow_down":
                    pause += TimeSpan.FromSeconds(5);
                    continue;
                default:
                    throw Refused(answer.Error);
            }
        }

        throw new DriveCredentialException("The code was not used before it expired.", "Run the command again, and type the code soon.");
    }

    public void Dispose() => _http.Dispose();

    private CredentialDocument DocumentOf(DeviceTokenAnswer answer)
    {
        if (answer.Error is not null || answer.RefreshToken is not { Length: > 0 } token)
        {
            throw Refused(answer.Error ?? "no refresh token came");
        }

        // A person can take single scopes away on Google's page.
        return answer.Scope is { } scope && !scope.Split(' ').Contains(DriveService.DriveFileScope)
            ? throw new DriveCredentialException("The sign-in did not allow what was asked for, the scope drive.file.", "Run the command again and leave the box for files of this application ticked.")
            : new CredentialDocument
            {
                Type = CredentialDocument.User,
                ClientId = client.ClientId,
                ClientSecret = client.ClientSecret,
                RefreshToken = token,
                TokenUri = client.Token.AbsoluteUri,
                Created = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            };
    }

    /// <summary>Answers with an error are answers; only what is no JSON is not.</summary>
    private async Task<T> AskAsync<T>(Uri address, JsonTypeInfo<T> type, CancellationToken ct, params (string Name, string Value)[] fields)
    {
        using var content = new StringContent(Form(fields));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        try
        {
            using var response = await _http.PostAsync(Checked(address), content, ct);
            return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(ct), type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new DriveCredentialException($"{address.Host} did not answer as a server for sign-ins does.", "Check the addresses in the OAuth client file, and what lies between this host and the network.");
        }
        catch (HttpRequestException e)
        {
            throw new DriveCredentialException($"{address.Host} cannot be reached: {e.HttpRequestError}.", "Check the network, proxy and DNS of this host, then run the command again.", e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new DriveCredentialException($"{address.Host} did not answer within {AnswerMax.TotalSeconds:0} s.", "Run the command again.", e);
        }
    }

    private static Uri Checked(Uri address) => address.Scheme == "https" || address.IsLoopback
        ? address
        : throw new DriveCredentialException($"'{address}' is not encrypted, and not on this host.", "Secrets would be sent in the clear: use an OAuth client file with https addresses.");

    private static DriveCredentialException Refused(string reason) => new($"The sign-in failed: {reason}.", reason switch
    {
        "access_denied" => "Somebody said no on Google's page. Run the command again and allow it.",
        "invalid_client" or "unauthorized_client" => "The OAuth client is deleted, its secret is another one, or it is of a type that cannot sign in this way: a browser needs 'Desktop app', --device needs 'TVs and limited input devices'.",
        "expired_token" => "The code was not used in time. Run the command again.",
        _ => "Run the command again.",
    });

    /// <summary>43 characters of 256 random bits.</summary>
    private static string Random() => Base64Url(RandomNumberGenerator.GetBytes(32));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static string Form(params (string Name, string Value)[] fields) => string.Join('&', fields.Where(field => field.Value.Length > 0).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));
}
